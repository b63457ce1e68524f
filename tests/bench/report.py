"""Rows of figures as a Markdown table and one plot each, and the machine that they were measured on."""
import json
import platform
import subprocess
from pathlib import Path

PLOT_WIDTH = 640


def machine():
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    cores = subprocess.run(["nproc"], capture_output=True, text=True).stdout.strip()
    return f"{cores} processors ({cpu}), Linux {platform.release()}"


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def verdict(row):
    """(what is asked, whether it holds)."""
    ours = row["msctl"]["median"]
    if "limit" in row:
        return f"≤ {row['limit']} {row['unit']}", ours <= row["limit"]
    if "ratio_limit" in row:
        ratio = row.get("ratio") or ours / row["peers"][row["against"]]["median"]
        return f"≤ {row['ratio_limit']} × {row['against']}: {ratio:.2f}", ratio <= row["ratio_limit"]
    return "reported", None


def table(rows):
    lines = ["| What | msctl | Peers | Asked | Holds |", "|---|---|---|---|---|"]
    for row in rows:
        ours = row["msctl"]
        peers = ", ".join(f"{name} {number(peer['median'])}" for name, peer in row["peers"].items()) or "–"
        asked, holds = verdict(row)
        mark = {True: "yes", False: "**no**", None: "–"}[holds]
        lines.append(
            f"| {row['what']} | {number(ours['median'])} {row['unit']} ({number(ours['min'])}–{number(ours['max'])}, n={ours['runs']}) "
            f"| {peers} | {asked} | {mark} |"
        )
    return "\n".join(lines) + "\n"


def plot(row):
    """One bar a program, to scale; the whisker spans the fastest and the slowest run."""
    bars = [("msctl", row["msctl"])] + list(row["peers"].items())
    widest = max(bar["max"] for _, bar in bars) or 1
    scale = (PLOT_WIDTH - 230) / widest
    height = 34 + 26 * len(bars)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{PLOT_WIDTH}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="100%" height="100%" fill="white"/><text x="10" y="18" font-weight="bold">{row["what"]} ({row["unit"]})</text>',
    ]
    for index, (name, bar) in enumerate(bars):
        y = 30 + 26 * index
        middle = y + 9
        colour = "#2b6cb0" if name == "msctl" else "#a0aec0"
        parts.append(f'<text x="100" y="{y + 14}" text-anchor="end">{name}</text>')
        parts.append(f'<rect x="108" y="{y}" width="{max(bar["median"] * scale, 1):.1f}" height="18" fill="{colour}"/>')
        parts.append(
            f'<line x1="{108 + bar["min"] * scale:.1f}" x2="{108 + bar["max"] * scale:.1f}" y1="{middle}" y2="{middle}" stroke="#1a202c"/>'
        )
        parts.append(f'<text x="{116 + bar["max"] * scale:.1f}" y="{y + 14}">{number(bar["median"])}</text>')
    return "".join(parts) + "</svg>\n"


def write(folder, name, title, command, rows):
    folder.mkdir(parents=True, exist_ok=True)
    text = f"# {title}\n\nMedians, with the fastest and the slowest run. Command: `{command}`. Machine: {machine()}.\n\n{table(rows)}"
    for index, row in enumerate(rows):
        if row["peers"]:
            picture = f"{name}-{index + 1}.svg"
            (folder / picture).write_text(plot(row))
            text += f"\n![{row['what']}]({picture})\n"
    (folder / f"{name}.md").write_text(text)
    (folder / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n")
