package io.serin.router.feedback;

/**
 * Where a stored response is: what its id says to a router that a client continues it at.
 *
 * @param rollout the rollout's name
 * @param variant the variant that answered
 * @param origin scheme, host and port of the server that stored it
 * @param id the server's own id
 */
public record ResponseId(String rollout, String variant, String origin, String id) {}
