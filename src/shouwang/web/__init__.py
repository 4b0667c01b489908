"""The shell every page stands in: base templates, components, navigation, security headers."""
