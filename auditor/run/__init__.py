"""Use cases: what a command or a program asks for, without click, print or terminal.

scan, files             read devices, read files; each ends in `conclude`: judged, stored, with an exit code
request, options        what a scan is asked to do; one declaration for each option
stages, side_by_side    collection in its order; sites at once; `turns` is what is never cut in two
unlock, budget, meter   secrets before packets; what a scan costs at most; how far it has got
journal_file, recorded  the journal of a running collection; runs that were kept, opened again
person                  whoever is spoken to; `home`, `configuration`, `knowledge`: what surrounds a run
"""
