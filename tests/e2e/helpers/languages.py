"""The languages that `new service` knows: one folder of scaffolds/languages each."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = sorted(path.parent.name for path in (ROOT / "scaffolds/languages").glob("*/language.yaml"))
