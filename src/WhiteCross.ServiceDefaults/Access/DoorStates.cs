using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace WhiteCross.ServiceDefaults;

/// <summary>Which doors are open to others than this machine. Settled when the service starts, and told in its log.</summary>
internal sealed partial class DoorStates : IHostedService
{
    private readonly bool _users;
    private readonly bool _usersElsewhere;
    private readonly bool _operating;
    private readonly bool _sidecar;
    private readonly bool _insecure;
    private readonly ILogger _logger;

    public DoorStates(IServiceProvider services, IOptions<AccessOptions> access, IConfiguration configuration, ILogger<DoorStates> logger)
    {
        _users = services.OpensToUsers(elsewhere: false);
        _usersElsewhere = services.OpensToUsers(elsewhere: true);
        _insecure = services.IsInsecure();
        _operating = access.Value.IsConfigured;
        _sidecar = configuration["APP_API_TOKEN"] is { Length: > 0 };
        _logger = logger;
    }

    public bool IsOpen(Door door) => door.Kind switch
    {
        DoorKind.Users => door.IsElsewhere ? _usersElsewhere : _users,
        DoorKind.Operating => _operating,
        DoorKind.Readers => _users || _usersElsewhere || _operating,
        _ => true, // Doors for the sidecar and for signatures look at them themselves.
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_insecure)
        {
            LogInsecure(UserAuthentication.InsecureSetting);
        }

        LogDoors(
            _operating ? "whoever has a key or token of Access" : "this machine only, since Access names nobody",
            _insecure ? "everybody, believed without a token" : _usersElsewhere ? "whoever has a token of Authentication:Authority" : "this machine only, since Authentication:Authority is not set",
            _sidecar ? "whoever has APP_API_TOKEN" : "this machine only, since APP_API_TOKEN is not set");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "{Setting} is true: whoever reaches this port reads and writes any user's messages by naming that user. For development only")]
    private partial void LogInsecure(string setting);

    [LoggerMessage(LogLevel.Information, "Doors: operating the queues: {Operating}; users: {Users}; deliveries and what services ask of each other: {Sidecar}; probes and /metrics: everybody")]
    private partial void LogDoors(string operating, string users, string sidecar);
}
