"""moto's server behind one door: it looks whether an object is there and then writes it, and two requests at once
could both pass the look. One thread makes a conditional write what it is on S3. Prints its port, and serves until it is
killed."""

import logging

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=False)
print(server.server_port, flush=True)
server.serve_forever()
