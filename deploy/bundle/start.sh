#!/bin/sh
# 安装(首次)并启动服务。  Install at the first start, then serve.
#   ./start.sh                     启动服务  serve
#   ./start.sh user add chief --role admin   其他命令  any other command
here=$(cd "$(dirname "$0")" && pwd)
own="$here/python/linux-$(uname -m)"
if [ -x "$own/bin/python3" ]; then
  # a Python that was put into this folder, with its own libraries
  LD_LIBRARY_PATH="$own/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" && export LD_LIBRARY_PATH
  exec "$own/bin/python3" "$here/start.py" "$@"
fi
for one in python3.13 python3.12 python3.11 python3; do
  if command -v "$one" >/dev/null 2>&1 && "$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    exec "$one" "$here/start.py" "$@"
  fi
done
echo "错误：没有找到 Python 3.11 或更新版本。请安装，或使用自带 Python 的安装包（见 README.txt）。" >&2
echo "Error: there is no Python 3.11 or newer. Install one, or take a folder that brings its own (see README.txt)." >&2
exit 2
