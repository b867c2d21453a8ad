package io.serin.worker.call;

import io.serin.modelcalls.Address;
import io.serin.modelcalls.Authorization;
import io.serin.modelcalls.Credentials;
import io.serin.modelcalls.Measuring;
import io.serin.modelcalls.Pool;
import io.serin.modelcalls.Server;
import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.schemas.Deadlines;
import io.serin.schemas.Outcome;
import io.serin.schemas.VariantTarget;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Calls a model once and measures it as the router does, at the server that the router would choose
 * for the same prompt. Tool calls in an answer are text like any other: nothing is executed. For
 * virtual threads: calls block. Thread-safe.
 */
public final class ModelCaller implements AutoCloseable {
  /** Server pools kept: one for each set of URLs that a variant had. All are forgotten beyond. */
  private static final int MOST_POOLS = 1_000;

  private final Credentials credentials;
  private final Measuring measuring = new Measuring();
  private final Map<Integer, HttpClient> clients = new ConcurrentHashMap<>();
  private final Map<List<Address>, Pool> pools = new ConcurrentHashMap<>();

  public ModelCaller(Credentials credentials) {
    this.credentials = credentials;
  }

  /** Where secrets are read. */
  public Credentials credentials() {
    return credentials;
  }

  /**
   * Whether a call could be made now: there is a credential, and a server accepts a connection.
   * Makes no call.
   *
   * @throws UnreachableException if it could not
   */
  public void probe(VariantTarget target, CompletionRequest request, Deadlines deadlines)
      throws UnreachableException {
    UnreachableException none = null;
    for (Server server : pool(target).servers()) {
      try {
        connect(request(target, server.address(), request, BodyPatch.NONE).uri(), deadlines);
        return;
      } catch (UnreachableException e) {
        none = e;
      }
    }
    if (none != null) {
      throw none;
    }
  }

  private static void connect(URI uri, Deadlines deadlines) throws UnreachableException {
    int port = uri.getPort() > 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(uri.getHost(), port), Math.max(1, deadlines.getConnect()));
    } catch (IOException e) {
      throw new UnreachableException("no connection: " + e.getClass().getSimpleName());
    }
  }

  /**
   * One attempt, at the server that prompts with the same beginning go to; if it accepts no
   * connection, at the next in rank.
   *
   * @param force merged into the body after what the variant adds
   * @throws UnreachableException if no connection was made, or none could be tried
   */
  public ModelAttempt call(
      VariantTarget target, CompletionRequest request, BodyPatch force, Deadlines deadlines)
      throws UnreachableException, InterruptedException {
    Pool pool = pool(target);
    Set<Server> tried = new HashSet<>();
    UnreachableException none = null;
    for (Server server = pick(pool, request, tried);
        server != null;
        server = pick(pool, request, tried)) {
      tried.add(server);
      server.began(System.nanoTime());
      Outcome outcome = Outcome.CANCELLED;
      int status = 0;
      try {
        HttpRequest http = request(target, server.address(), request, force);
        outcome = Outcome.CONNECT_ERROR;
        ModelAttempt attempt = call(http, request, deadlines);
        outcome = attempt.measurement().getOutcome();
        Integer answered = attempt.measurement().getStatus();
        status = answered == null ? 0 : answered;
        return attempt;
      } catch (UnreachableException e) {
        none = e;
      } catch (InterruptedException e) {
        outcome = Outcome.CANCELLED;
        throw e;
      } finally {
        server.ended(outcome, status, System.nanoTime());
      }
    }
    throw none == null ? new UnreachableException("no server is configured") : none;
  }

  private static @Nullable Server pick(Pool pool, CompletionRequest request, Set<Server> tried) {
    return pool.pick(request.affinity(), tried, System.nanoTime());
  }

  private Pool pool(VariantTarget target) throws UnreachableException {
    List<Address> addresses = new ArrayList<>();
    try {
      addresses.add(Address.of("url", target.getUrl()));
      target.getMoreUrls().forEach(url -> addresses.add(Address.of("moreUrls", url)));
    } catch (IllegalArgumentException e) {
      throw uncallable(target, String.valueOf(e.getMessage()));
    }
    if (pools.size() > MOST_POOLS) {
      pools.clear();
    }
    return pools.computeIfAbsent(addresses, urls -> Pool.of(urls, 0));
  }

  private ModelAttempt call(HttpRequest http, CompletionRequest request, Deadlines deadlines)
      throws UnreachableException, InterruptedException {
    HttpClient client = client(deadlines.getConnect());
    CallClock clock = new CallClock(System.nanoTime(), deadlines);
    CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> pending =
        client.sendAsync(http, BodyHandlers.ofPublisher());
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response;
    try {
      response = pending.get(clock.untilFirstByte(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      pending.cancel(true);
      return ModelAttempt.without(Outcome.TIMEOUT, clock.micros());
    } catch (InterruptedException e) {
      pending.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      return lost(e.getCause(), clock);
    }
    BodyPipe pipe = new BodyPipe();
    response.body().subscribe(pipe);
    try {
      return new AnswerMeter(request, clock, measuring).read(response, pipe);
    } finally {
      pipe.cancel();
    }
  }

  @Override
  public void close() {
    clients.values().forEach(HttpClient::shutdownNow);
  }

  private HttpRequest request(
      VariantTarget target, Address server, CompletionRequest request, BodyPatch force)
      throws UnreachableException {
    try {
      BodyPatch extra =
          target.getExtraBody() == null ? BodyPatch.NONE : BodyPatch.parse(target.getExtraBody());
      HttpRequest.Builder http =
          HttpRequest.newBuilder(
                  URI.create(server.origin() + server.target(request.endpoint().path())))
              .header("content-type", "application/json")
              .header("accept", request.stream() ? "text/event-stream" : "application/json");
      target.getHeaders().forEach(http::setHeader);
      switch (credentials.read(target.getCredential(), target.getCredentialHeader())) {
        case Authorization.OfClient _ -> {}
        case Authorization.Bearer bearer -> http.setHeader("authorization", bearer.header());
        case Authorization.OwnHeader(String name, String value) -> http.setHeader(name, value);
        case Authorization.Unavailable(String reason) ->
            throw new UnreachableException("credential: " + reason);
      }
      byte[] body = request.forVariant(target.getModel(), extra.then(force), true);
      return http.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
    } catch (IllegalArgumentException e) {
      throw uncallable(target, String.valueOf(e.getMessage()));
    }
  }

  private static UnreachableException uncallable(VariantTarget target, String why) {
    return new UnreachableException(
        "variant \"" + target.getName() + "\" cannot be called: " + why);
  }

  private static ModelAttempt lost(@Nullable Throwable cause, CallClock clock)
      throws UnreachableException {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof ConnectException
          || each instanceof HttpConnectTimeoutException
          || each instanceof UnresolvedAddressException) {
        throw new UnreachableException("no connection: " + each.getClass().getSimpleName());
      }
    }
    return ModelAttempt.without(Outcome.CONNECT_ERROR, clock.micros());
  }

  private HttpClient client(int connectMillis) {
    return clients.computeIfAbsent(
        connectMillis,
        millis ->
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofMillis(Math.max(1, millis)))
                .build());
  }
}
