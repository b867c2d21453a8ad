/** Who asks what and when: recorded and generated arrivals, users who return. Pure. */
@NullMarked
package io.serin.rehearsal.traffic;

import org.jspecify.annotations.NullMarked;
