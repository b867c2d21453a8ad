package io.serin.router.journal;

/**
 * Makes, from what BEGIN recorded, the event of a request that was cut by the death of its router.
 */
@FunctionalInterface
public interface Death {

  /**
   * @param begun what {@link Journal#begin} was given
   * @param attempts attempts of the request that are in the journal
   * @return the event to publish; at most a few bytes longer than {@code begun}
   * @throws RuntimeException if {@code begun} cannot be read; the event is then dropped and counted
   */
  Payload of(Payload begun, int attempts);
}
