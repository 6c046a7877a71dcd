"""The main job: a derivative one can read, two classifiers of real digits, and a simulation fitted to real records."""

import importlib.util
import time
from pathlib import Path

import digits_mlp
import digits_softmax
import lynx_hare
import pictures
import textbook


def main(folder="demo-pictures"):
    """Run the four parts, print what each finds, and draw each fit into a folder where matplotlib is installed."""
    began = time.perf_counter()
    heading("The textbook example")
    textbook.main()
    heading("Handwritten digits: 1,797 images of 8 x 8 pixels, 1,437 to train on")
    losses = {}
    for name, program in (("softmax", digits_softmax), ("two layers", digits_mlp)):
        _, losses[name] = program.main()
    heading("Lynx and hare: 21 years of records of the Hudson's Bay Company")
    parameters, _ = lynx_hare.main()
    heading("Pictures")
    draw(Path(folder), losses, parameters)
    print(f"\nThe demonstration took {time.perf_counter() - began:.0f} s.")


def heading(text):
    print(f"\n{text}\n{'=' * len(text)}\n")


def draw(folder, losses, parameters):
    """Write both pictures, or say why not."""
    if importlib.util.find_spec("matplotlib") is None:
        print("matplotlib is not installed: no pictures. To have them: pip install 'adcompile[demo]'")
        return
    folder.mkdir(parents=True, exist_ok=True)
    pictures.training(losses, folder / "digits.png")
    pictures.populations(parameters, folder / "lynx_hare.png")
    print(f"written: {folder / 'digits.png'}, {folder / 'lynx_hare.png'}")


if __name__ == "__main__":
    main()
