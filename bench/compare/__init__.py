"""What `bench/run` is made of: meshes, labs, processes, contenders, and the page of results."""
