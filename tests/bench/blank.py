# SPDX-License-Identifier: GPL-2.0-or-later
# Does nothing: the board goes straight to the prompt.
