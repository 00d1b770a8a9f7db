using WhiteCross.Deploy.Tests.Yaml;
using static WhiteCross.Deploy.Tests.Yaml.Shape;

namespace WhiteCross.Deploy.Tests.Schemas;

/// <summary>What `dapr run -f`, `tye run` and `docker compose` read; of the last what is used here.</summary>
internal static class RunSchemas
{
    private static readonly Shape Destination = OneOf("console", "file", "fileAndConsole");

    private static readonly (string Name, Shape Shape)[] AppOrCommon =
    [
        ("configFilePath", Text), ("resourcesPaths", Texts), ("appProtocol", OneOf("http", "https", "grpc", "grpcs", "h2c")), ("apiListenAddresses", Text),
        ("appMaxConcurrency", Number(-1, int.MaxValue)), ("placementHostAddress", Text), ("schedulerHostAddress", Text), ("enableProfiling", Flag),
        ("logLevel", OneOf("debug", "info", "warn", "error", "fatal", "panic")), ("enableApiLogging", Flag), ("appSSL", Flag), ("maxBodySize", Text),
        ("readBufferSize", Text), ("enableAppHealthCheck", Flag), ("appHealthCheckPath", Matching("/.*", "a path")), ("appHealthProbeInterval", Number(1, 3600)),
        ("appHealthProbeTimeout", Number(1, 60_000)), ("appHealthThreshold", Number(1, 100)), ("runtimePath", Text), ("env", Map(OneValue)),
        ("daprdLogDestination", Destination), ("appLogDestination", Destination),
    ];

    public static readonly Shape DaprRun = Fields(
        ("version!", Number(1, 1)),
        ("common", Fields(AppOrCommon)),
        ("apps!", List(Fields(
        [
            ("appDirPath!", Text), ("appID", Matching("[a-z][-a-z0-9]*", "an app id")), ("appPort", Port), ("appChannelAddress", Text), ("daprHTTPPort", Port),
            ("daprGRPCPort", Port), ("metricsPort", Port), ("profilePort", Port), ("daprInternalGRPCPort", Port), ("unixDomainSocket", Text), ("command", Texts),
            .. AppOrCommon,
        ]))));

    private static readonly (string Name, Shape Shape)[] TyeDapr =
    [
        ("app-max-concurrency", Whole), ("app-protocol", Text), ("components-path", Text), ("config", Matching("[^/]+(?<!\\.yaml)", "a file of components-path without .yaml")), ("enable-profiling", Flag), ("log-level", Text),
        ("placement-port", Port),
    ];

    public static readonly Shape Tye = Fields(
        ("name!", Text),
        ("extensions", List(Fields(
        [
            ("name!", OneOf("dapr")),
            ("services", Map(Fields([("enabled", Flag), ("app-id", Text), ("http-port", Port), ("grpc-port", Port), ("metrics-port", Port), ("profile-port", Port), .. TyeDapr]))),
            .. TyeDapr,
        ]))),
        ("services!", List(Fields(
            ("name!", Matching("[a-z0-9]([-a-z0-9]*[a-z0-9])?", "a DNS name")),
            ("project!", Text),
            ("bindings", List(Fields(("port!", Port), ("name", Text), ("protocol", OneOf("http", "https"))))),
            ("env", List(Fields(("name!", Text), ("value!", OneValue)))),
            ("args", Text),
            ("replicas", Whole)))));

    public static readonly Shape Compose = Fields(
        ("name!", Text),
        ("services!", Map(Fields(
            ("image!", Text),
            ("build", Fields(("context!", Text), ("dockerfile!", Text), ("args!", Map(OneValue)))),
            ("command", Texts),
            ("environment", Map(OneValue)),
            ("env_file", List(Fields(("path!", Text), ("required!", Flag)))),
            ("ports", Texts),
            ("volumes", Texts),
            ("network_mode", Matching("service:[a-z-]+", "another service's network")),
            ("depends_on", Either(Map(Fields(("condition!", OneOf("service_healthy", "service_started")))), Texts)),
            ("healthcheck", Fields(("test!", Texts), ("interval!", Duration), ("retries!", Whole))),
            ("user", Text),
            ("stop_grace_period", Duration),
            ("restart", OneOf("unless-stopped"))))),
        ("volumes", Map(OneValue)));
}
