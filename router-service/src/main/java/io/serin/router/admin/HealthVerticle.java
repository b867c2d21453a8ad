package io.serin.router.admin;

import io.serin.modelcalls.Address;
import io.serin.modelcalls.Server;
import io.serin.router.attempt.Backends;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.RolloutTables;
import io.serin.router.rollout.Variant;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the servers of variants with a health path how they are, every two seconds, without a key.
 * Any 2xx within two seconds is well. A server is asked once at a time.
 */
public final class HealthVerticle extends VerticleBase {

  private static final Logger LOG = LoggerFactory.getLogger(HealthVerticle.class);
  private static final long EVERY_MILLIS = 2_000;
  private static final long PATIENCE_MILLIS = 2_000;

  private final RolloutTables tables;
  private final Backends backends;
  private final Set<Server> asked = new HashSet<>();
  private @Nullable HttpClientAgent client;

  public HealthVerticle(RolloutTables tables, Backends backends) {
    this.tables = tables;
    this.backends = backends;
  }

  @Override
  public Future<?> start() {
    client =
        vertx
            .httpClientBuilder()
            .with(new HttpClientOptions().setTcpNoDelay(true).setKeepAlive(false))
            .with(new PoolOptions().setHttp1MaxSize(4))
            .build();
    vertx.setPeriodic(EVERY_MILLIS, EVERY_MILLIS, timer -> checkAll());
    return Future.succeededFuture();
  }

  private void checkAll() {
    for (Rollout rollout : tables.current().all()) {
      for (Variant variant : rollout.variants().values()) {
        String path = variant.healthPath();
        if (path != null) {
          backends
              .of(rollout.name(), variant)
              .servers()
              .forEach(server -> check(rollout.name(), variant.name(), server, path));
        }
      }
    }
  }

  private void check(String rollout, String variant, Server server, String path) {
    HttpClientAgent asking = client;
    if (asking == null || !asked.add(server)) {
      return;
    }
    Address address = server.address();
    asking
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(address.host())
                .setPort(address.port())
                .setSsl(address.tls())
                .setURI(path)
                .setConnectTimeout(PATIENCE_MILLIS)
                .setIdleTimeout(PATIENCE_MILLIS))
        .compose(HttpClientRequest::send)
        .map(answer -> answer.statusCode() >= 200 && answer.statusCode() < 300)
        .timeout(2 * PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
        .otherwise(false)
        .onComplete(
            well -> {
              asked.remove(server);
              if (server.checked(well.result())) {
                LOG.atWarn()
                    .addKeyValue("rollout", rollout)
                    .addKeyValue("variant", variant)
                    .addKeyValue("server", address.origin())
                    .addKeyValue("well", well.result())
                    .addKeyValue("event", "server-checked")
                    .log("a model server's health changed");
              }
            });
  }
}
