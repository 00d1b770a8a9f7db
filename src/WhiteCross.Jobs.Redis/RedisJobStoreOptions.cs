using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// Where the Redis of the queues is, from the settings REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD, REDIS_TLS, REDIS_TLS_INSECURE, REDIS_TYPE,
/// REDIS_FAILOVER, REDIS_SENTINEL_MASTER and REDIS_QUEUE_DB: the same Redis that the pub/sub components name.
/// </summary>
public sealed class RedisJobStoreOptions
{
    /// <summary>The setting of <see cref="Host"/>.</summary>
    public const string HostSetting = "REDIS_HOST";

    /// <summary>The setting of <see cref="Port"/>.</summary>
    public const string PortSetting = "REDIS_PORT";

    /// <summary>The setting of <see cref="Username"/>.</summary>
    public const string UsernameSetting = "REDIS_USERNAME";

    /// <summary>The setting of <see cref="Password"/>.</summary>
    public const string PasswordSetting = "REDIS_PASSWORD";

    /// <summary>The setting of <see cref="Tls"/>.</summary>
    public const string TlsSetting = "REDIS_TLS";

    /// <summary>The setting of <see cref="TlsInsecure"/>.</summary>
    public const string TlsInsecureSetting = "REDIS_TLS_INSECURE";

    /// <summary>The setting of <see cref="Cluster"/>: <c>node</c> (default) or <c>cluster</c>.</summary>
    public const string TypeSetting = "REDIS_TYPE";

    /// <summary>The setting that says that <see cref="Host"/> is Sentinel's; it goes with <see cref="SentinelMasterSetting"/>.</summary>
    public const string FailoverSetting = "REDIS_FAILOVER";

    /// <summary>The setting of <see cref="SentinelMaster"/>.</summary>
    public const string SentinelMasterSetting = "REDIS_SENTINEL_MASTER";

    /// <summary>The setting of <see cref="Database"/>.</summary>
    public const string DatabaseSetting = "REDIS_QUEUE_DB";

    internal const string Prefix = "REDIS_";

    internal static readonly string[] Settings =
    [
        HostSetting, PortSetting, UsernameSetting, PasswordSetting, TlsSetting, TlsInsecureSetting, TypeSetting, FailoverSetting, SentinelMasterSetting,
        DatabaseSetting,
    ];

    /// <summary>
    /// The server's name or address: <c>host</c> or <c>host:port</c>. Of a cluster or of Sentinel also several, separated by commas. Default: <c>localhost</c>.
    /// </summary>
    public string Host { get; init; } = "localhost";

    /// <summary>The server's port; where <see cref="Host"/> has one too, they must agree. Default: that of <see cref="Host"/>, else 6379.</summary>
    public int Port { get; init; } = 6379;

    /// <summary>The ACL user. Default: none, which is Redis' user <c>default</c>.</summary>
    public string? Username { get; init; }

    /// <summary>The password. Default: none.</summary>
    public string? Password { get; init; }

    /// <summary>Whether to speak TLS. Default: false.</summary>
    public bool Tls { get; init; }

    /// <summary>Whether any certificate of the server is taken, also one that nobody vouches for: for development. Default: false.</summary>
    public bool TlsInsecure { get; init; }

    /// <summary>Whether the servers are a Redis Cluster. Default: false.</summary>
    public bool Cluster { get; init; }

    /// <summary>The name of the master that the Sentinels at <see cref="Host"/> are asked for. Default: none, no Sentinel.</summary>
    public string? SentinelMaster { get; init; }

    /// <summary>The number of the database. Default: 1, apart from caches on 0. A cluster has only 0, its default.</summary>
    public int Database { get; init; } = 1;

    /// <summary>Reads the settings.</summary>
    /// <param name="configuration">The configuration, which includes the environment.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong; the message names each.</exception>
    public static RedisJobStoreOptions From(IConfiguration configuration)
    {
        var errors = new List<string>();
        var settings = new RedisSettingsReader(configuration, errors);
        var cluster = settings.Choice(TypeSetting, "node", "cluster") == "cluster";
        var failover = settings.Flag(FailoverSetting);
        var defaults = new RedisJobStoreOptions { Database = cluster ? 0 : 1 };
        var options = new RedisJobStoreOptions
        {
            Host = settings.Text(HostSetting) ?? defaults.Host,
            Port = settings.Number(PortSetting, defaults.Port, min: 1, max: ushort.MaxValue),
            Username = settings.Text(UsernameSetting),
            Password = settings.Text(PasswordSetting),
            Tls = settings.Flag(TlsSetting),
            TlsInsecure = settings.Flag(TlsInsecureSetting),
            Cluster = cluster,
            SentinelMaster = failover ? settings.Text(SentinelMasterSetting) : null,
            Database = settings.Number(DatabaseSetting, defaults.Database, min: 0, max: 65_535),
        };
        options.Check(failover, isPortSet: settings.Text(PortSetting) is not null, errors);
        return errors.Count == 0 ? options : throw new OptionsValidationException(nameof(RedisJobStoreOptions), typeof(RedisJobStoreOptions), errors);
    }

    /// <summary>
    /// The same for the client. It goes on trying to connect in the background; a call while there is no connection fails at once, so that a publisher
    /// knows that nothing was added.
    /// </summary>
    public ConfigurationOptions ToConfigurationOptions()
    {
        var options = new ConfigurationOptions
        {
            User = Username,
            Password = Password,
            Ssl = Tls,
            DefaultDatabase = Database,
            ServiceName = SentinelMaster,
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ConnectRetry = 1,
            ConnectTimeout = 3_000,
            AsyncTimeout = 5_000,
            ReconnectRetryPolicy = new ExponentialRetry(deltaBackOffMilliseconds: 100, maxDeltaBackOffMilliseconds: 2_000),
            ClientName = "whitecross-jobs",
            // For INFO, which tells what of the server's settings endangers jobs: the client takes it for an administrator's command.
            AllowAdmin = true,
            // The client's own key and channel for choosing among several masters: not needed, and beyond the rights of the queues' user.
            TieBreaker = string.Empty,
            ConfigurationChannel = string.Empty,
        };
        foreach (var endPoint in RedisEndPoints.Parse(Host, Port))
        {
            options.EndPoints.Add(endPoint);
        }

        if (TlsInsecure)
        {
#pragma warning disable CA5359 // What the setting asks for.
            options.CertificateValidation += static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return options;
    }

    private void Check(bool failover, bool isPortSet, List<string> errors)
    {
        var several = Cluster || failover;
        if (!RedisEndPoints.CanParse(Host) || (!several && Host.Contains(',', StringComparison.Ordinal)))
        {
            errors.Add(several
                ? $"{HostSetting} must be one or several host:port, separated by commas, for example redis-1:6379,redis-2:6379."
                : $"{HostSetting} must be a host name or an IP address, with its port or without, for example redis.internal:6379; several only with {TypeSetting}=cluster or {FailoverSetting}=true.");
        }
        else if (isPortSet && !RedisEndPoints.HavePort(Host, Port))
        {
            errors.Add($"{HostSetting} and {PortSetting} name different ports, which Dapr refuses too: leave {PortSetting} out, or make them agree.");
        }

        if (Username is not null && Password is null)
        {
            errors.Add($"{UsernameSetting} is set but {PasswordSetting} is not: set both, or neither.");
        }

        if (failover && SentinelMaster is null)
        {
            errors.Add($"{FailoverSetting} is true but {SentinelMasterSetting} is not set: set it to the name that Sentinel has for the master, often mymaster.");
        }

        if (failover && Cluster)
        {
            errors.Add($"{FailoverSetting} and {TypeSetting}=cluster exclude each other: a cluster fails over by itself, without Sentinel.");
        }

        if (Cluster && Database != 0)
        {
            errors.Add($"{DatabaseSetting} must be 0 with {TypeSetting}=cluster, which has no other database; leave it out, and set redisDB of the components to 0.");
        }
    }
}
