using System.Data.Common;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using k8s.Models;
using WhiteCross.Deploy.Tests.Cluster;
using WhiteCross.Deploy.Tests.InCluster;

namespace WhiteCross.Deploy.Tests;

/// <summary>The script that makes the Secrets makes usable ones, and new ones each time.</summary>
public sealed class SecretsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_are_random_and_in_the_services_forms()
    {
        var (first, second) = (await Secrets.MakeAsync(Cancellation), await Secrets.MakeAsync(Cancellation));
        Assert.All(first, secret => Assert.Equal("whitecross", secret.Namespace()));
        (string Secret, string Key)[] random = [("redis", "password"), ("postgres", "password"), ("dapr-api-token", "token"), ("dapr-app-token", "token"), ("queue-gateway-keys", "viewer"), ("queue-gateway-keys", "admin"), ("message-keys", "message-keys")];
        Assert.All(random, item => Assert.NotEqual(Value(first, item.Secret, item.Key), Value(second, item.Secret, item.Key)));
        Assert.NotEqual(Value(first, "dapr-api-token", "token"), Value(first, "dapr-app-token", "token"));

        using var keys = JsonDocument.Parse(Value(first, "message-keys", "message-keys"));
        var current = keys.RootElement.GetProperty("current").GetString()!;
        Assert.Equal(32, keys.RootElement.GetProperty("keys").GetProperty(current).GetBytesFromBase64().Length);
        Assert.Equal($"redis:6379,user=default,password={Value(first, "redis", "password")},ssl=false", Value(first, "redis", "connection"));

        using var authority = X509Certificate2.CreateFromPem(Value(first, "services-tls", "ca.crt"));
        using var certificate = X509Certificate2.CreateFromPem(Value(first, "services-tls", "tls.crt"), Value(first, "services-tls", "tls.key"));
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck } };
        Assert.True(chain.Build(certificate));
        // The gateway, and all that it passes requests on to; Ingresses verify the first.
        Assert.All(Routes.Proxied.Select(route => route.Service).Append(Apps.Gateway).Distinct(), service => Assert.True(certificate.MatchesHostname(service) && certificate.MatchesHostname($"{service}.whitecross.svc")));
        Assert.Equal("search", new DbConnectionStringBuilder { ConnectionString = Value(first, "postgres", "search") }["Database"]);
    }

    [Fact]
    public async Task Stores_from_outside_are_reached_by_TLS_with_their_own_passwords()
    {
        var script = "REDIS_PASSWORD=\"it's\" POSTGRES_PASSWORD='a\"b;c' POSTGRES_USER=messages deploy/kubernetes/secrets.sh redis.example postgres.example 6380";
        var secrets = k8s.KubernetesYaml.LoadAllFromString(await Shell.RunAsync("bash", ["-c", script], Cancellation), strict: true).Cast<V1Secret>().ToList();
        Assert.Equal(("redis.example:6380", "it's"), (Value(secrets, "redis", "address"), Value(secrets, "redis", "password")));
        Assert.EndsWith(",ssl=true", Value(secrets, "redis", "connection"), StringComparison.Ordinal);
        var messages = new DbConnectionStringBuilder { ConnectionString = Value(secrets, "postgres", "messages") };
        Assert.Equal(("postgres.example", "messages", "messages", "a\"b;c", "VerifyFull"), (messages["Host"], messages["Database"], messages["Username"], messages["Password"], messages["SSL Mode"]));
    }

    private static string Value(IEnumerable<V1Secret> secrets, string name, string key) => secrets.Single(secret => secret.Name() == name).StringData[key];
}
