"""What tests of `msctl init` share."""
import json
import subprocess


def msctl(program, folder, *arguments, code=0, patience=120, **options):
    done = subprocess.run([program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=patience, check=False, **options)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def document(program, folder, *arguments, code=0):
    return json.loads(msctl(program, folder, "init", *arguments, "-o", "json", code=code).stdout)


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def write(folder, files):
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    return folder


def service(found, name):
    return next(each for each in found["services"] if each["name"] == name)


GO_MAIN = 'package main\n\nimport ("net/http"; "os")\n\nfunc main() { http.ListenAndServe(":"+os.Getenv("PORT"), nil) }\n'
