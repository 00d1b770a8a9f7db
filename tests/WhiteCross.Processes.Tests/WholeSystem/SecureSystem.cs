using System.Globalization;
using StackExchange.Redis;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Processes.Tests.WholeSystem;

/// <summary>TLS and a user of its own at Redis, with the rights that docs/operations.md names and no more; tokens between services and sidecars; keys at the gateway.</summary>
public sealed class SecureSystem : SystemOfProcesses
{
    private const string User = "whitecross";
    private const string ApiKey = "a-key-for-the-tests-only";
    private const string SidecarToken = "a-token-for-the-sidecars";

    private readonly TestCertificate _certificate = new(TimeProvider.System);
    private readonly string _password = Guid.NewGuid().ToString("N");
    private RedisProcess? _redis;

    public override HttpClient SidecarClient(string app)
    {
        var client = base.SidecarClient(app);
        client.DefaultRequestHeaders.Add("dapr-api-token", SidecarToken);
        return client;
    }

    /// <summary>What Redis has refused to the user, a line each.</summary>
    public async Task<IReadOnlyList<string>> ReadRefusalsAsync()
    {
        await using var connection = await _redis!.ConnectAsync(Administrator());
        var log = (RedisResult[])(await connection.GetServers()[0].ExecuteAsync("ACL", "LOG"))!;
        return [.. log.Select(entry => string.Join(' ', ((RedisValue[])entry!).Select(value => value.ToString())))];
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _certificate.Dispose();
    }

    protected override void Prepare(HttpClient gateway)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        gateway.DefaultRequestHeaders.Add("X-Api-Key", ApiKey);
    }

    protected override async Task<ProcessSystemOptions> OptionsAsync()
    {
        _redis = await RedisProcess.StartAsync(
            port => $"""
                port 0
                tls-port {port.ToString(CultureInfo.InvariantCulture)}
                tls-cert-file {_certificate.CertificateFile}
                tls-key-file {_certificate.KeyFile}
                tls-ca-cert-file {_certificate.AuthorityFile}
                tls-auth-clients no
                save ""
                user default on >{_password} ~* &* +@all
                user {User} on >{_password} {AclRule.InOperations()}
                """,
            CancellationToken.None,
            Administrator());
        return new ProcessSystemOptions
        {
            Redis = $"localhost:{_redis.Port.ToString(CultureInfo.InvariantCulture)}",
            Environment = new Dictionary<string, string>(Development())
            {
                ["REDIS_TLS"] = "true",
                ["REDIS_USERNAME"] = User,
                ["REDIS_PASSWORD"] = _password,
                ["SSL_CERT_FILE"] = _certificate.AuthorityFile,
                ["DAPR_API_TOKEN"] = SidecarToken,
                ["APP_API_TOKEN"] = "a-token-for-the-services",
                ["Access__ApiKeys__0__Name"] = "tests",
                ["Access__ApiKeys__0__Key"] = ApiKey,
                ["Access__ApiKeys__0__Role"] = "admin",
            },
        };
    }

    private ConfigurationOptions Administrator()
    {
        var options = new ConfigurationOptions { Password = _password, Ssl = true, SslHost = "localhost" };
        options.TrustIssuer(_certificate.AuthorityFile);
        return options;
    }
}
