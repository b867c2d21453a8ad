/** The whole product: real brokers, real sockets, real clients, faults. */
@NullMarked
package io.serin.it;

import org.jspecify.annotations.NullMarked;
