/** Model servers that answer as recorded, a driver that replays traffic, and the report. */
@NullMarked
package io.serin.rehearsal;

import org.jspecify.annotations.NullMarked;
