/** How far a partition is replayed, and what its replays came to: the metadata of a commit. */
@NullMarked
package io.serin.worker.position;

import org.jspecify.annotations.NullMarked;
