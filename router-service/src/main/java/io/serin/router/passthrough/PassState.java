package io.serin.router.passthrough;

/** Where a request that passes through stands; {@link PassThrough} draws the machine. */
sealed interface PassState {

  /**
   * The client's body passes to the server.
   *
   * @param blocked whether the server takes no more at the moment
   */
  record Sending(boolean blocked) implements PassState {}

  /**
   * The request is sent; nothing of its answer is there.
   *
   * @param again whether it was sent a second time
   */
  record Waiting(boolean again) implements PassState {}

  /**
   * The answer passes to the client.
   *
   * @param blocked whether the client takes no more at the moment
   */
  record Passing(int status, Delivery delivery, boolean blocked) implements PassState {}

  /** Nothing follows. */
  record Ended() implements PassState {}
}
