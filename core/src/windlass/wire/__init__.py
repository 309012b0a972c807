"""The JSON shapes of the HTTP API, shared by the server and the client.

One module per noun holds what goes over the wire: requests as frozen dataclasses that know their endpoint, answers as
TypedDicts, and a pair of functions between each entity and its JSON. Absent values and empty lists are left out, 64-bit
integers are JSON numbers, and the floats that JSON lacks are the texts "NaN", "Infinity" and "-Infinity".
"""
