using System.Security.Cryptography;
using WhiteCross.Testing;
using WhiteCross.Testing.Processes;

namespace WhiteCross.Processes.Tests.WholeSystem;

/// <summary>The whole system, for the tests of a class.</summary>
public abstract class SystemOfProcesses : IAsyncLifetime
{
    private ProcessSystem? _system;
    private HttpClient? _gateway;

    /// <summary>A client of the gateway, with an API key where there is one.</summary>
    public HttpClient Gateway => _gateway ?? throw new InvalidOperationException("The system has not started.");

    /// <summary>The processes.</summary>
    public ProcessSystem Processes => _system ?? throw new InvalidOperationException("The system has not started.");

    /// <summary>What all services and sidecars are told.</summary>
    internal static Dictionary<string, string> Development() => new()
    {
        // Production wants a signing key for its users' tokens.
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["SECRET_MESSAGE_KEYS"] = $$"""{ "current": "1", "keys": { "1": "{{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}}" } }""",
    };

    public async ValueTask InitializeAsync()
    {
        _system = await ProcessSystem.StartAsync(await OptionsAsync(), CancellationToken.None);
        _gateway = _system.ClientOf("queue-gateway");
        Prepare(_gateway);
    }

    public virtual async ValueTask DisposeAsync()
    {
        _gateway?.Dispose();
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A client of an app's sidecar; dispose of it.</summary>
    public virtual HttpClient SidecarClient(string app) => new() { BaseAddress = Processes.App(app).SidecarAddress };

    protected abstract Task<ProcessSystemOptions> OptionsAsync();

    protected virtual void Prepare(HttpClient gateway)
    {
    }
}

/// <summary>On a Redis of its own, without TLS, user or tokens.</summary>
public sealed class PlainSystem : SystemOfProcesses
{
    private RedisServer? _redis;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    protected override async Task<ProcessSystemOptions> OptionsAsync()
    {
        _redis = await RedisServer.StartLocalAsync();
        return new ProcessSystemOptions { Redis = _redis.EndPoint, Environment = Development() };
    }
}
