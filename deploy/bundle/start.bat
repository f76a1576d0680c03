@echo off
rem Install at the first start, then serve. This file is plain ASCII: cmd reads nothing else safely on every code page.
rem The Chinese words are in README.txt and python-missing.txt, and in what the service prints.
setlocal
set "PYTHONUTF8=1"
if exist "%~dp0python\windows-x64\python.exe" (
  "%~dp0python\windows-x64\python.exe" "%~dp0start.py" %*
  goto end
)
for %%v in (3.13 3.12 3.11) do (
  py -%%v -c "import sys" >nul 2>nul && (
    py -%%v "%~dp0start.py" %*
    goto end
  )
)
python -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && (
  python "%~dp0start.py" %*
  goto end
)
echo Error: there is no Python 3.11 or newer. See python-missing.txt.
start "" notepad "%~dp0python-missing.txt"
exit /b 2
:end
exit /b %errorlevel%
