"""Pictures of what the demonstration found; they need matplotlib."""

import lynx_hare
import numpy as np


def training(losses, path):
    """The loss of each classifier against the step; `losses` maps its name to the losses."""
    figure, axes = canvas()
    for name, values in losses.items():
        axes.plot(values, label=name)
    axes.set(xlabel="step", ylabel="mean cross-entropy", yscale="log", title="Digits: gradient descent")
    axes.legend()
    figure.savefig(path, dpi=120)


def populations(parameters, path):
    """Records of hares and lynxes, and the curve that was fitted."""
    years, records = lynx_hare.load()
    fine = lynx_hare.SUBSTEPS
    steps = (len(years) - 1) * fine + 1
    # One long "year" of the simulation for each substep: time is scaled, and so are the rates.
    scaled = np.concatenate((parameters[:4] / fine, parameters[4:]))
    curve = lynx_hare.simulate(scaled, steps, 1)
    time = years[0] + np.arange(steps) / fine
    figure, axes = canvas()
    for column, name in enumerate(("hare", "lynx")):
        (line,) = axes.plot(time, curve[:, column], label=name)
        axes.plot(years, records[:, column], "o", color=line.get_color())
    axes.set(xlabel="year", ylabel="pelts, thousands", title="Hudson Bay: records and Lotka-Volterra fit")
    axes.set_xticks(years[::5])
    axes.legend()
    figure.savefig(path, dpi=120)


def canvas():
    """A figure that needs no screen, and its axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.0), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()
