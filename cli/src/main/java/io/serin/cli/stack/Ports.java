package io.serin.cli.stack;

/**
 * Where the parts listen; 0 lets the system choose.
 *
 * @param kafka of the broker's clients
 * @param registry of the schema registry
 * @param router of the first router; further routers take the ports after it
 * @param routerAdmin of the first router's health and metrics; further routers take the ports below
 *     it
 * @param control of the control API
 * @param worker of the worker's health and metrics
 */
public record Ports(int kafka, int registry, int router, int routerAdmin, int control, int worker) {

  /** What {@code serin up} listens on unless told otherwise. */
  public static final Ports DEFAULT = new Ports(9092, 8081, 8080, 8079, 8090, 8091);

  /** All chosen by the system. */
  public static final Ports ANY = new Ports(0, 0, 0, 0, 0, 0);

  public Ports {
    check("--kafka-port", kafka);
    check("--registry-port", registry);
    check("--port", router);
    check("--admin-port", routerAdmin);
    check("--control-port", control);
    check("--worker-port", worker);
  }

  private static void check(String option, int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(option + " is " + port + ": it must be from 0 to 65535");
    }
  }

  /** The port of router {@code index}, from 0. */
  int router(int index) {
    return router == 0 ? 0 : router + index * ROUTER_STEP;
  }

  /** The admin port of router {@code index}, from 0. */
  int routerAdmin(int index) {
    return routerAdmin == 0 ? 0 : routerAdmin - index;
  }

  /** Routers after the first must not fall on the registry's and the control API's ports. */
  private static final int ROUTER_STEP = 100;
}
