/** What is made to go wrong, and when. Pure. */
@NullMarked
package io.serin.rehearsal.fault;

import org.jspecify.annotations.NullMarked;
