package io.serin.router.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.serin.modelcalls.Address;
import io.serin.router.access.Keytool;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PfxOptions;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server over TLS whose authority the Java platform is told to trust, and one that it is not. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class TlsCallsTest {

  private static final String TRUST = "javax.net.ssl.trustStore";

  @TempDir private Path folder;
  private Vertx vertx;
  private HttpServer server;
  private final List<HttpVersion> spoken = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    Path keys = folder.resolve("server.p12");
    Keytool.make(keys, "server", "dns:localhost");
    trust(keys);
    vertx = Vertx.vertx();
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(
                        new PfxOptions().setPath(keys.toString()).setPassword(Keytool.PASSWORD)))
            .requestHandler(
                request -> {
                  spoken.add(request.version());
                  request.response().end("hello");
                })
            .listen(0, "127.0.0.1")
            .await();
  }

  @AfterEach
  void stop() {
    System.clearProperty(TRUST);
    System.clearProperty(TRUST + "Password");
    vertx.close().await();
  }

  @Test
  void shouldCallAServerByItsNameWhoseAuthorityIsTrusted() throws Exception {
    System.setProperty(TRUST, folder.resolve("trust.p12").toString());
    System.setProperty(TRUST + "Password", Keytool.PASSWORD);

    assertThat(call("localhost").body()).isEqualTo("hello");
    // The certificate is not this address's.
    assertThat(call("127.0.0.1").failure()).isInstanceOf(SSLException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldSpeakHttp2WhereTheServerDoesAndItIsNotSwitchedOff(boolean offered) throws Exception {
    System.setProperty(TRUST, folder.resolve("trust.p12").toString());
    System.setProperty(TRUST + "Password", Keytool.PASSWORD);

    assertThat(call("localhost", offered).body()).isEqualTo("hello");

    assertThat(spoken).containsExactly(offered ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1);
  }

  @Test
  void shouldCallNoServerWhoseAuthorityIsNotTrusted() throws Exception {
    assertThat(call("localhost").failure()).isInstanceOf(SSLException.class);
  }

  private void trust(Path keys) throws Exception {
    KeyStore own = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      own.load(in, Keytool.PASSWORD.toCharArray());
    }
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", own.getCertificate(Keytool.ALIAS));
    try (OutputStream out = Files.newOutputStream(folder.resolve("trust.p12"))) {
      trusted.store(out, Keytool.PASSWORD.toCharArray());
    }
  }

  private Heard call(String host) {
    return call(host, true);
  }

  private Heard call(String host, boolean http2) {
    Heard heard = new Heard();
    Context eventLoop = vertx.getOrCreateContext();
    eventLoop.runOnContext(
        nothing ->
            new ConnectionPool(
                    vertx,
                    new PoolSettings(
                        4, Duration.ofSeconds(20), Duration.ofHours(1), 64 << 10, http2, Set.of()))
                .call(
                    new Address(true, host, server.actualPort(), "/v1"),
                    20_000,
                    UpstreamRequest.post(
                        "/v1/chat/completions",
                        new DefaultHttpHeaders(),
                        "{}".getBytes(StandardCharsets.UTF_8)),
                    heard));
    return heard;
  }
}
