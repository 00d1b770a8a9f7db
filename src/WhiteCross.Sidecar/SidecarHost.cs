using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Trace;
using WhiteCross.Sidecar.Api;
using WhiteCross.Sidecar.Grpc;
using WhiteCross.Sidecar.Http;
using WhiteCross.Sidecar.Resources;
using WhiteCross.Sidecar.Running;
using WhiteCross.Sidecar.Workflows;
using WhiteCross.Sidecar.Workflows.Api;

namespace WhiteCross.Sidecar;

/// <summary>A running sidecar: Dapr's HTTP and gRPC APIs in front of the components of one app. A process may have many.</summary>
public sealed class SidecarHost : IAsyncDisposable
{
    // Starts on ports that were free when they were chosen.
    private const int MostTries = 10;

    private readonly WebApplication _server;
    private readonly SidecarRuntime _runtime;
    private readonly HttpMessageInvoker _peers;
    private readonly WorkflowHosting? _workflows;
    private readonly ILoggerFactory _loggers;
    private readonly TracerProvider? _tracing;

    private SidecarHost(
        WebApplication server, SidecarRuntime runtime, HttpMessageInvoker peers, WorkflowHosting? workflows, ILoggerFactory loggers, SidecarOptions options) =>
        (_server, _runtime, _peers, _workflows, _loggers, Options, _tracing) =
            (server, runtime, peers, workflows, loggers, options, options.ExportsTraces ? SidecarTracing.Start(options.AppId, runtime.Resources.Configuration.Tracing) : null);

    /// <summary>What it was started with; ports that were 0 are those that were chosen.</summary>
    public SidecarOptions Options { get; }

    /// <summary>Where the HTTP API listens.</summary>
    public Uri HttpEndpoint => new($"http://localhost:{Options.DaprHttpPort}");

    /// <summary>Where the gRPC API listens.</summary>
    public Uri GrpcEndpoint => new($"http://localhost:{Options.DaprGrpcPort}");

    /// <summary>Completes when the app's subscriptions have started.</summary>
    public Task Ready => _runtime.Ready;

    /// <summary>Fires when the sidecar has been asked to stop, by its API too.</summary>
    public CancellationToken Stopping => _server.Lifetime.ApplicationStopping;

    /// <summary>
    /// Starts a sidecar. Its API serves when this returns; its app's events flow once the app listens, see <see cref="Ready"/>.
    /// </summary>
    /// <param name="options">What to start.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ResourceException">The resources cannot be used; the message has a line for every problem.</exception>
    public static async Task<SidecarHost> StartAsync(SidecarOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var choosesPort = options.DaprHttpPort == 0 || options.DaprGrpcPort == 0;
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await StartOnAsync(
                    options with
                    {
                        DaprHttpPort = options.DaprHttpPort == 0 ? FreePort() : options.DaprHttpPort,
                        DaprGrpcPort = options.DaprGrpcPort == 0 ? FreePort() : options.DaprGrpcPort,
                    },
                    cancellationToken);
            }
            catch (IOException exception) when (exception.InnerException is AddressInUseException && choosesPort && tries < MostTries)
            {
                // A port that was free may be another's by now, that of an outgoing connection for instance.
            }
        }
    }

    /// <summary>
    /// Ends as if its process were killed, for tests of that: events that the app has in hand are neither waited for nor acknowledged, and the connections
    /// to the API break.
    /// </summary>
    public async Task AbortAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _runtime.AbortAsync();
        await (_workflows?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _server.StopAsync(now.Token);
        await DisposeAsync();
    }

    /// <summary>
    /// Stops: subscriptions first, then the API. As in daprd, what the app has in hand is waited for, half a minute at most, and the API serves until then.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await (_workflows?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _server.DisposeAsync();
        _peers.Dispose();
        _tracing?.Dispose();
        _loggers.Dispose();
    }

    private static async Task<SidecarHost> StartOnAsync(SidecarOptions options, CancellationToken cancellationToken)
    {
        var configureLogging = options.ConfigureLogging ?? (static logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        var loggers = LoggerFactory.Create(configureLogging);
        var runtime = await SidecarRuntime.CreateAsync(options, TimeProvider.System, loggers.CreateLogger("WhiteCross.Sidecar"));
        var workflows = await WorkflowHosting.StartAsync(options, runtime.Resources, TimeProvider.System, loggers, cancellationToken);
        // No folder is watched for settings: a sidecar may be started anywhere.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        configureLogging(builder.Logging);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ListenLocalhost(options.DaprHttpPort, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.ListenLocalhost(options.DaprGrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        });

        var extended = new SidecarExtendedMetadata();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = (int)options.MaxBodySize;
            grpc.MaxSendMessageSize = (int)options.MaxBodySize;
        });
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<DaprGrpcService>, DaprMethods>());
        builder.Services.AddSingleton(extended);
        builder.Services.AddSingleton(runtime);
        builder.Services.AddSingleton<DaprGrpcService>();
        if (workflows is not null)
        {
            builder.Services.AddSingleton(workflows.Engine);
            builder.Services.AddSingleton(TimeProvider.System);
            builder.Services.AddWorkflowApi(workflows.Options);
        }

        var server = builder.Build();
        var peers = new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        var host = new SidecarHost(server, runtime, peers, workflows, loggers, options);
        try
        {
            host.Map();
            await server.StartAsync(cancellationToken);
            await runtime.Others.RegisterAsync(host.HttpEndpoint, cancellationToken);
            runtime.StartApp();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Map()
    {
        _server.Use(AnswerErrorsAsync);
        InvocationEndpoints.Use(_server, _runtime, _peers);
        _server.UseRouting(); // Here, and not before all else: an invocation's path is none of the routes' business.
        _server.MapGrpcService<DaprGrpcService>();
        PublishEndpoints.Map(_server, _runtime);
        RuntimeEndpoints.Map(_server, _runtime, _server.Services.GetRequiredService<SidecarExtendedMetadata>(), _server.Lifetime);
        StateEndpoints.Map(_server, _runtime);
        BindingEndpoints.Map(_server, _runtime);
        SecretEndpoints.Map(_server, _runtime);
        if (_workflows is not null)
        {
            _server.MapWorkflowGrpc();
            _server.MapWorkflowHttp(_workflows.Engine);
        }

        InvocationEndpoints.MapOthers(_server, _runtime, _peers);
    }

    private async Task AnswerErrorsAsync(HttpContext context, RequestDelegate next)
    {
        var isGrpc = context.Request.Protocol == HttpProtocol.Http2;
        if (!HasToken(context.Request))
        {
            await RefuseAsync(context.Response, isGrpc);
            return;
        }

        var apis = _runtime.Resources.Configuration.Apis;
        var isInvocation = InvocationEndpoints.IsInvocation(context.Request);
        var isOpen = isGrpc || (isInvocation ? apis.AllowsInvocation : apis.AllowsHttp(context.Request.Path.Value!));
        if (!isOpen && !apis.AllowsInvocation)
        {
            // What no API takes would be an invocation, and that is closed, too.
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            if (!isOpen)
            {
                throw InvocationEndpoints.NoAppId();
            }

            await next(context);
        }
        catch (SidecarApiException exception) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = exception.HttpStatus;
            await context.Response.WriteAsJsonAsync(new { errorCode = exception.ErrorCode, message = exception.Message });
        }
    }

    private static async Task RefuseAsync(HttpResponse response, bool isGrpc)
    {
        if (isGrpc)
        {
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = ((int)global::Grpc.Core.StatusCode.Unauthenticated).ToString(CultureInfo.InvariantCulture);
            response.Headers["grpc-message"] = "authentication error: api token mismatch";
            return;
        }

        response.StatusCode = StatusCodes.Status401Unauthorized;
        await response.WriteAsync("invalid api token");
    }

    private bool HasToken(HttpRequest request) =>
        Options.ApiToken is not { Length: > 0 } token
        || (request.Method == "GET" && request.Path.StartsWithSegments("/v1.0/healthz", StringComparison.Ordinal))
        || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(request.Headers["dapr-api-token"].ToString()));
}
