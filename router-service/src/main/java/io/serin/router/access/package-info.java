/** Who may use a router's ports: TLS, clients' keys, operators' tokens. */
@NullMarked
package io.serin.router.access;

import org.jspecify.annotations.NullMarked;
