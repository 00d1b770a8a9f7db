using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Redis;

/// <summary>How a Redis component reaches its Redis, from the settings that pubsub.redis and state.redis have in common.</summary>
public sealed record RedisConnectionSettings
{
    /// <summary>Redis's port where none is given.</summary>
    public const int DefaultPort = 6379;

    // What Dapr's client keeps and this one does not: its pool of connections, which StackExchange.Redis has no need of.
    private static readonly TimeSpan DefaultDialTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultReadTimeout = TimeSpan.FromSeconds(3);

    /// <summary>The servers: one, or several of a cluster or of Sentinel.</summary>
    public required IReadOnlyList<(string Host, int Port)> EndPoints { get; init; }

    /// <summary>The user; null: the default user.</summary>
    public string? Username { get; init; }

    /// <summary>The password; null: none.</summary>
    public string? Password { get; init; }

    /// <summary>The number of the database; 0 by default.</summary>
    public int Database { get; init; }

    /// <summary>Whether the servers are a cluster.</summary>
    public bool Cluster { get; init; }

    /// <summary>The name of the master that Sentinel is asked for; null: no Sentinel.</summary>
    public string? SentinelMasterName { get; init; }

    /// <summary>Whether TLS is spoken.</summary>
    public bool Tls { get; init; }

    /// <summary>Whether any server certificate is taken.</summary>
    public bool SkipTlsVerification { get; init; }

    /// <summary>The client's certificate, PEM; null: none.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>The key of the client's certificate, PEM; null: none.</summary>
    public string? ClientKey { get; init; }

    /// <summary>How long connecting may take; 5 s by default.</summary>
    public TimeSpan DialTimeout { get; init; } = DefaultDialTimeout;

    /// <summary>How long an answer may take; 3 s by default. Also the time that a read of a stream blocks.</summary>
    public TimeSpan ReadTimeout { get; init; } = DefaultReadTimeout;

    /// <summary>Reads the settings of a component.</summary>
    /// <param name="component">A component of the type pubsub.redis or state.redis.</param>
    /// <exception cref="ResourceException">A setting is missing, wrong, or not served here.</exception>
    public static RedisConnectionSettings Of(ComponentResource component)
    {
        ArgumentNullException.ThrowIfNull(component);
        var metadata = component.Metadata;
        if (metadata.Flag("useEntraID"))
        {
            throw new ResourceException(
                metadata.PositionOf("useEntraID"), $"useEntraID of component '{component.Name}' is not served by the local sidecar; run the app under daprd.");
        }

        var cluster = metadata.Text("redisType") == "cluster";
        var failover = metadata.Flag("failover");
        var (certificate, key) = (metadata.Text("clientCert"), metadata.Text("clientKey"));
        if (certificate is null != key is null)
        {
            throw metadata.Wrong(certificate is null ? "clientKey" : "clientCert", "set together with " + (certificate is null ? "clientCert" : "clientKey"));
        }

        var database = metadata.WholeNumber("redisDB", 0, 0);
        if (cluster && database != 0)
        {
            throw metadata.Wrong("redisDB", "0 on a cluster, which has no other database");
        }

        return new RedisConnectionSettings
        {
            EndPoints = ReadEndPoints(metadata, severalAreAllowed: cluster || failover),
            Username = metadata.Text("redisUsername"),
            Password = metadata.Text("redisPassword"),
            Database = database,
            Cluster = cluster,
            SentinelMasterName = failover ? metadata.RequiredText("sentinelMasterName") : null,
            Tls = metadata.Flag("enableTLS"),
            SkipTlsVerification = metadata.Flag("insecureSkipTLSVerify"),
            ClientCertificate = certificate,
            ClientKey = key,
            DialTimeout = Positive(metadata.DurationOrMilliseconds("dialTimeout", DefaultDialTimeout), DefaultDialTimeout),
            ReadTimeout = Positive(metadata.DurationOrMilliseconds("readTimeout", DefaultReadTimeout), DefaultReadTimeout),
        };
    }

    /// <summary>The settings for StackExchange.Redis. A connection that is lost comes back by itself.</summary>
    public ConfigurationOptions ToOptions()
    {
        var options = new ConfigurationOptions
        {
            User = Username,
            Password = Password,
            DefaultDatabase = Database,
            ServiceName = SentinelMasterName,
            Ssl = Tls,
            AbortOnConnectFail = true,
            ConnectTimeout = (int)DialTimeout.TotalMilliseconds,
            AsyncTimeout = (int)ReadTimeout.TotalMilliseconds,
            SyncTimeout = (int)ReadTimeout.TotalMilliseconds,
            ClientName = "whitecross-sidecar",
            // The client's own key and channel, which daprd's does not use either.
            TieBreaker = string.Empty,
            ConfigurationChannel = string.Empty,
            // Commands wait for a connection that comes back, and fail by their timeout if it does not.
            BacklogPolicy = BacklogPolicy.Default,
        };
        foreach (var (host, port) in EndPoints)
        {
            options.EndPoints.Add(host, port);
        }

        if (SkipTlsVerification)
        {
#pragma warning disable CA5359 // what the setting asks for
            options.CertificateValidation += static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        if (ClientCertificate is { } certificate && ClientKey is { } key)
        {
            options.CertificateSelection += (_, _, _, _, _) => X509Certificate2.CreateFromPem(certificate, key);
        }

        return options;
    }

    /// <summary>Connects.</summary>
    /// <param name="component">The component, for the error.</param>
    /// <exception cref="ResourceException">Redis does not answer, or refuses user and password.</exception>
    public async Task<ConnectionMultiplexer> ConnectAsync(ComponentResource component)
    {
        ArgumentNullException.ThrowIfNull(component);
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(ToOptions());
        }
        catch (RedisConnectionException exception)
        {
            var reason = exception.FailureType == ConnectionFailureType.AuthenticationFailure
                ? "refuses redisUsername and redisPassword"
                : "does not answer; is it running, and are redisHost and enableTLS right?";
            throw new ResourceException(component.Metadata.PositionOf("redisHost"), $"Redis at {this} of component '{component.Name}' {reason}");
        }
    }

    /// <returns>The servers: <c>host:port,host:port</c>.</returns>
    public override string ToString() =>
        string.Join(',', EndPoints.Select(endPoint => string.Create(CultureInfo.InvariantCulture, $"{endPoint.Host}:{endPoint.Port}")));

    private static TimeSpan Positive(TimeSpan value, TimeSpan byDefault) => value > TimeSpan.Zero ? value : byDefault;

    private static List<(string Host, int Port)> ReadEndPoints(ComponentMetadata metadata, bool severalAreAllowed)
    {
        var redisPort = metadata.Text("redisPort") is null ? (int?)null : metadata.WholeNumber("redisPort", 0, 1, 65535);
        var hosts = metadata.RequiredText("redisHost").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (hosts.Length == 0 || (hosts.Length > 1 && !severalAreAllowed))
        {
            throw metadata.Wrong("redisHost", "one host, or redisType cluster or failover must be set");
        }

        var endPoints = new List<(string, int)>();
        foreach (var host in hosts)
        {
            var colon = host.LastIndexOf(':');
            // The colons of a bare IPv6 address are no port.
            var hasPort = colon > 0 && (host.IndexOf(':') == colon || host[colon - 1] == ']');
            if (!hasPort)
            {
                endPoints.Add((host.Trim('[', ']'), redisPort ?? DefaultPort));
                continue;
            }

            if (!int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            {
                throw metadata.Wrong("redisHost", "host or host:port with a port between 1 and 65535");
            }

            if (redisPort is { } other && other != port)
            {
                throw metadata.Wrong("redisPort", string.Create(CultureInfo.InvariantCulture, $"left out, or {port}, the port that redisHost has"));
            }

            endPoints.Add((host[..colon].Trim('[', ']'), port));
        }

        return endPoints;
    }
}
