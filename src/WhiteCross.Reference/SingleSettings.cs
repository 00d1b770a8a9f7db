namespace WhiteCross.Reference;

/// <summary>Settings that are in no section with a type of its own. A constant of the code whose name ends in Setting must be among them.</summary>
internal static class SingleSettings
{
    private const string Every = "every service";

    public static IReadOnlyList<(string Name, string Services, string Default, string Meaning)> All { get; } =
    [
        ("REDIS_HOST", "every service, and the components", "localhost", "The Redis of the queues: `host` or `host:port`; of a cluster or of Sentinel also several, separated by commas."),
        ("REDIS_PORT", Every, "6379", "Its port, 1 to 65535; where `REDIS_HOST` has one too, they must agree."),
        ("REDIS_USERNAME", "every service, and the components", "none", "Its ACL user."),
        ("REDIS_PASSWORD", "every service, and the components", "none", "Its password. Give it by a secret."),
        ("REDIS_TLS", "every service, and the components", "false", "true to speak TLS."),
        ("REDIS_TLS_INSECURE", Every, "false", "true to take any certificate: for development only."),
        ("REDIS_TYPE", "every service, and the components", "node", "`node` or `cluster`."),
        ("REDIS_FAILOVER", "every service, and the components", "false", "true where `REDIS_HOST` is Sentinel's; then `REDIS_SENTINEL_MASTER` must be set."),
        ("REDIS_SENTINEL_MASTER", "every service, and the components", "none", "The name of the master that the Sentinels are asked for."),
        ("REDIS_QUEUE_DB", "every service, and the components", "1 (cluster: 0)", "The number of the database, apart from caches on 0."),
        ("Database:Provider", "message-delivery, message-notification, message-indexing", "told by the connection string", "`sqlite` or `postgresql`."),
        ("ConnectionStrings:Messages", "message-delivery", "a SQLite file in `DataDirectory`", "Where messages are: `Host=…;Database=…;Username=…;Password=…` for PostgreSQL, `Data Source=…` for SQLite."),
        ("ConnectionStrings:Notifications", "message-notification", "a SQLite file in `DataDirectory`", "Where notifications are; see `ConnectionStrings:Messages`."),
        ("ConnectionStrings:Search", "message-indexing", "a SQLite file in `DataDirectory`", "Where the index is; see `ConnectionStrings:Messages`."),
        ("DataDirectory", Every, "`data` under the content root", "Where SQLite files, mail in a folder and attachments go."),
        ("Authentication:Authority", "services with user routes", "none: the request says who the user is, and only this machine is served", "The issuer of users' access tokens, an https address; its keys are read from its discovery document."),
        ("Authentication:Audience", "services with user routes", "none", "The audience that tokens must name; required with an authority."),
        ("Authentication:Insecure", "services with user routes", "false", "`true` believes everybody from everywhere who they say they are. In Development only; warned of at every start."),
        ("SECRET_JOB_KEYS", Every, "none: nothing is sealed, and every start warns of it", "The keys that job records are sealed with: `{\"current\": \"2026-11\", \"keys\": {\"2026-11\": \"32 bytes in base64\"}, \"hash\": \"32 bytes in base64\"}`."),
        ("Services:{service}", "queue-gateway", "`http://localhost:5081` and so on", "Where the gateway finds a service's user routes."),
        ("LOG_FORMAT", Every, "text", "`text` for people, `json` for collectors: an object a line, in UTC, with scopes."),
        ("Logging:LogLevel:{category}", Every, "Information, Warning for the frameworks", "What is logged: Trace, Debug, Information, Warning, Error, None."),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", Every, "none", "Where traces and metrics go by OTLP."),
        ("OTEL_EXPORTER_ZIPKIN_ENDPOINT", Every, "none", "Where traces go by Zipkin's protocol, for example `http://localhost:9411/api/v2/spans`."),
        ("OTEL_SERVICE_NAME", Every, "the app id", "The service's name in traces and metrics."),
        ("DAPR_HTTP_PORT, DAPR_GRPC_PORT", Every, "3500, 50001", "The sidecar's ports; `dapr run` and the operator set them. `DAPR_HTTP_ENDPOINT` and `DAPR_GRPC_ENDPOINT` name whole addresses instead."),
        ("DAPR_API_TOKEN", Every, "none", "The token that the sidecar asks of its app."),
        ("APP_API_TOKEN", Every, "none", "The token that the app asks of its sidecar: a delivery without it is refused."),
        ("ASPNETCORE_URLS, --urls", Every, "`http://localhost:5080` (gateway) to 5086", "Where the service listens."),
    ];
}
