"""Files as Kubernetes mounts a Secret: links into a folder that is a link itself, which is swapped."""

from itertools import count
from pathlib import Path


class Mount:
    """`mount / "name"` is a file's path, and `${file:...}` of it `mount.reference("name")`."""

    def __init__(self, folder: Path, **files: str) -> None:
        self._folder = folder
        self._versions = count()
        self._files: dict[str, str] = {}
        folder.mkdir(parents=True)
        self.put(**files)

    def __truediv__(self, name: str) -> Path:
        return self._folder / name

    def reference(self, name: str) -> str:
        return f"${{file:{self / name}}}"

    def put(self, **files: str) -> None:
        """Change or add files: all at once, as whoever reads them sees it."""
        self._files |= files
        version = self._folder / f"..{next(self._versions)}"
        version.mkdir()
        for name, content in self._files.items():
            (version / name).write_text(content)
            link = self._folder / name
            if not link.is_symlink():
                link.symlink_to(Path("..data") / name)
        (self._folder / "..new").symlink_to(version.name)
        (self._folder / "..new").rename(self._folder / "..data")
