"""hubctl keeps the images of a fleet of JupyterHubs current, through pull requests a reviewer can trust."""

__version__ = "0.1.0"
