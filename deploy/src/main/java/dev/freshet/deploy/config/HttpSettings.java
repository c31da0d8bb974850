package dev.freshet.deploy.config;

/**
 * Where the service listens.
 *
 * @param host an address of this machine; anything but a loopback address lets others in, who may look but change nothing without the token
 * @param port 0 for any free one
 */
public record HttpSettings(String host, int port) {

    public static final HttpSettings DEFAULT = new HttpSettings("127.0.0.1", 8642);

    public HttpSettings withPort(int other) {
        return new HttpSettings(host, other);
    }
}
