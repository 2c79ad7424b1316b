// SPDX-License-Identifier: Apache-2.0
// A translation unit that only carries the precompiled header.
