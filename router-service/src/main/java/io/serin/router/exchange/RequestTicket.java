package io.serin.router.exchange;

import io.serin.schemas.RequestEvent;

/**
 * A request whose evidence is open.
 *
 * @param number by which its evidence is ended
 * @param ifRouterDies its record if it ends without one of its own
 */
record RequestTicket(long number, RequestEvent ifRouterDies) {}
