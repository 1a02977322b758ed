"""Settings and rules.yaml as typed, located data; deeper rooms never see YAML or the environment."""
