"""Which models there are: those known, those on this machine, and the one in use.

In: the registry as data; the files and the user's choice on this machine; the hub, when the user asks for a download.
Out: what a user named, as a file and the name of its format.
Not here: running a model (``engine``, above this room: what an engine says of a file comes in as an argument), prompts
(``formats``), what a person sees (``cli``).  Nothing goes out on the network but a download that was asked for.
"""
