"""The Web API's methods: each a function of the workspace and a call that answers or refuses."""
