using System.Net.Http.Headers;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.Access.Tests;

/// <summary>Somebody who calls: from where, and with what to show.</summary>
internal sealed record CallerOfTest(string Name)
{
    /// <summary>From which address; null for this machine.</summary>
    public string? Address { get; init; }

    /// <summary>The role of its key or token, where that is good.</summary>
    public string? Role { get; init; }

    /// <summary>The user of its token, where that is good.</summary>
    public Guid? User { get; init; }

    public string? ApiKey { get; init; }

    public string? Bearer { get; init; }

    public bool HasSidecarToken { get; init; }

    public void Prepare(HttpRequestMessage request, string sidecarToken)
    {
        if (Address is not null)
        {
            request.Headers.Add(GuardedSystem.AddressHeader, Address);
        }

        if (ApiKey is not null)
        {
            request.Headers.Add("X-Api-Key", ApiKey);
        }

        if (Bearer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Bearer);
        }

        if (HasSidecarToken)
        {
            request.Headers.Add("dapr-api-token", sidecarToken);
        }
    }

    public override string ToString() => Name;
}

/// <summary>The five ways to set up a system, and those who call it.</summary>
internal static class Setups
{
    public const string Elsewhere = "203.0.113.7";
    public const string UserAudience = "white-cross-users";
    public const string AccessAudience = "white-cross-queues";

    public static readonly Guid UserA = Guid.Parse("0f0e0d0c-0b0a-4909-8807-060504030201");
    public static readonly Guid UserB = Guid.Parse("1f1e1d1c-1b1a-4919-9817-161514131211");

    public static readonly string[] All = ["nothing", "keys only", "users only", "all", "all without tokens"];

    public static bool HasKeys(string setup) => setup is "keys only" or "all" or "all without tokens";

    public static bool HasUsers(string setup) => setup is "users only" or "all" or "all without tokens";

    public static bool HasTokens(string setup) => setup is not "all without tokens";

    public static string KeyOf(string role) => $"{role}-key-of-more-than-20-characters";

    public static (string Key, string? Value)[] SettingsOf(string setup, Issuer issuer)
    {
        var settings = new List<(string, string?)>
        {
            ("Access:FailuresPerMinute", "1000000"),
            ("Access:RequestsPerSecond", "1000000"),
            ("Access:RequestsPerSecondOfUser", "1000000"),
            ("Access:RequestsPerSecondOfAddress", "1000000"),
            ("Access:StreamsOfCaller", "100000"),
        };
        if (HasKeys(setup))
        {
            settings.AddRange(AccessRoles.All.SelectMany((role, i) => new (string, string?)[]
            {
                ($"Access:ApiKeys:{i}:Name", $"the-{role}"), ($"Access:ApiKeys:{i}:Key", KeyOf(role)), ($"Access:ApiKeys:{i}:Role", role),
            }));
            settings.Add(($"Access:ApiKeys:{AccessRoles.All.ToList().IndexOf(AccessRoles.Publisher)}:Queues:0", "message-delivery"));
            settings.AddRange([("Access:Authority", issuer.Name), ("Access:Audience", AccessAudience)]);
        }

        if (HasUsers(setup))
        {
            settings.AddRange([("Authentication:Authority", issuer.Name), ("Authentication:Audience", UserAudience)]);
        }

        if (!HasTokens(setup))
        {
            settings.Add(("APP_API_TOKEN", string.Empty));
        }

        return [.. settings];
    }

    public static IReadOnlyList<CallerOfTest> Callers(Issuer issuer) => new List<CallerOfTest>
    {
        new("nobody, from here"),
        new("nobody, from elsewhere") { Address = Elsewhere },
        new("a wrong key") { Address = Elsewhere, ApiKey = "a-key-that-is-nobodys-at-all" },
        KeyHolder(AccessRoles.Metrics),
        KeyHolder(AccessRoles.Publisher),
        KeyHolder(AccessRoles.Viewer),
        KeyHolder(AccessRoles.Operator),
        KeyHolder(AccessRoles.Admin),
        new("token of operator")
        {
            Address = Elsewhere, Role = AccessRoles.Operator, Bearer = issuer.Token("somebody", AccessAudience, claims: ("roles", new[] { AccessRoles.Operator })),
        },
        new("token of admin, expired")
        {
            Address = Elsewhere, Bearer = issuer.Token("somebody", AccessAudience, TimeSpan.FromSeconds(-30), claims: ("roles", new[] { AccessRoles.Admin })),
        },
        new("token of admin without sub") { Address = Elsewhere, Bearer = issuer.Token(null, AccessAudience, claims: ("roles", new[] { AccessRoles.Admin })) },
        new("token of admin without kid")
        {
            Address = Elsewhere, Bearer = issuer.Token("somebody", AccessAudience, namesItsKey: false, claims: ("roles", new[] { AccessRoles.Admin })),
        },
        new("user A") { Address = Elsewhere, User = UserA, Bearer = issuer.Token(UserA.ToString(), UserAudience) },
        new("user B") { Address = Elsewhere, User = UserB, Bearer = issuer.Token(UserB.ToString(), UserAudience) },
        new("user A, expired") { Address = Elsewhere, Bearer = issuer.Token(UserA.ToString(), UserAudience, TimeSpan.FromSeconds(-30)) },
        new("a sidecar, from elsewhere") { Address = Elsewhere, HasSidecarToken = true },
    };

    private static CallerOfTest KeyHolder(string role) => new($"key of {role}") { Address = Elsewhere, ApiKey = KeyOf(role), Role = role };
}
