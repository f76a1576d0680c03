"""A workspace in one file, and back: consistent while it is in use, verified before anything is replaced."""

from geo_service.backup.restoring import RestoreReport, restore_workspace
from geo_service.backup.writing import BackupReport, backup_workspace

__all__ = ["BackupReport", "RestoreReport", "backup_workspace", "restore_workspace"]
