using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace WhiteCross.Gateway;

/// <summary>What the services offer to users, behind the gateway's address. Section <c>Services</c>: the address of each.</summary>
internal static class ServiceProxy
{
    private const string BatchService = "batch-message-sending";
    private const string PreviewPath = "/batches/preview";
    private const string ExportPath = "/users/{userId}/export";

    // Providers and links in mails: the service looks at their signatures.
    private static readonly string[] ProvenPaths = ["/notifications/receipts/", "/notifications/unsubscribe/"];

    private const string ForwardedFor = "X-Forwarded-For";

    private static readonly (string Service, string DefaultAddress, string[] Paths)[] Services =
    [
        ("message-delivery", "http://localhost:5081",
            ["/messages/{**rest}", "/conversations/{**rest}", "/attachments/{**rest}", "/users/{userId}/messages", "/users/{userId}/presence", ExportPath, "/hubs/messages/{**rest}"]),
        ("message-notification", "http://localhost:5082", [
            "/notifications/receipts/{**rest}", "/notifications/unsubscribe/{**rest}", "/notifications/{**rest}", "/users/{userId}/notifications/{**rest}", "/users/{userId}/notification-preferences", "/users/{userId}/devices/{**rest}",
            "/users/{userId}/contacts/{**rest}",
        ]),
        ("message-indexing", "http://localhost:5083", ["/search"]),
        (BatchService, "http://localhost:5085", [PreviewPath, "/batches/{**rest}"]),
    ];

    public static void AddServiceProxy(this WebApplicationBuilder builder)
    {
        builder.Services.AddKnownSection("Services", JobQueues.All.Select(queue => queue.Name));
        var (routes, clusters) = (new List<RouteConfig>(), new List<ClusterConfig>());
        foreach (var (service, defaultAddress, paths) in Services)
        {
            var setting = $"Services:{service}";
            var address = builder.Configuration[setting] ?? defaultAddress;
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                throw new SettingsException($"{setting} is '{address}'; it must be an address such as {defaultAddress}.");
            }

            clusters.Add(new ClusterConfig
            {
                ClusterId = service,
                Destinations = new Dictionary<string, DestinationConfig> { [service] = new() { Address = address } },
            });
            routes.AddRange(paths.Select((path, i) => new RouteConfig
            {
                RouteId = $"{service}-{i}",
                ClusterId = service,
                Match = new RouteMatch { Path = path },
                AuthorizationPolicy = RoleFor(service, path),
            }));
        }

        builder.Services.AddReverseProxy().LoadFromMemory(routes, clusters).AddTransforms(transforms =>
        {
            transforms.UseDefaultForwarders = false;
            transforms.AddRequestTransform(PrepareAsync);
            if (transforms.Route.Match.Path == ExportPath)
            {
                transforms.AddResponseTransform(NoteExportAsync);
            }
        });
    }

    public static void MapServiceProxy(this IEndpointRouteBuilder app)
    {
        var proxy = app.MapReverseProxy();
        proxy.Add(endpoint =>
        {
            var route = endpoint.Metadata.OfType<RouteModel>().Single().Config;
            endpoint.Metadata.Add(
                RoleFor(route.ClusterId!, route.Match.Path!) is { } role ? new Door(DoorKind.Operating, role)
                : ProvenPaths.Any(path => route.Match.Path!.StartsWith(path, StringComparison.Ordinal)) ? new Door(DoorKind.Proof, IsElsewhere: true)
                : new Door(DoorKind.Users, IsElsewhere: true));
        });
        proxy.TakesAnyContent().TakesAnyRequest();
    }

    // Users' own data is guarded by its service. Batches are for those who operate the queues, and a preview shows what messages say.
    private static string? RoleFor(string service, string path) => service != BatchService ? null : path == PreviewPath ? AccessRoles.Operator : AccessRoles.Viewer;

    // The service has let the user in; that somebody took all of their data with them is on record before it goes out.
    private static async ValueTask NoteExportAsync(ResponseTransformContext context)
    {
        var http = context.HttpContext;
        if (context.ProxyResponse is { IsSuccessStatusCode: true } && http.Request.RouteValues["userId"] is string user)
        {
            await http.RequestServices.GetRequiredService<AuditWriter>().WriteAsync(new AuditEntry(
                http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(), user, "ExportUser", Target: user, From: Caller.AddressOf(http), Outcome: "done"));
        }
    }

    private static ValueTask PrepareAsync(RequestTransformContext context)
    {
        var headers = context.ProxyRequest.Headers;

        // From which page the request comes has been judged here, where the address is that of the page.
        headers.Remove("Origin");
        headers.Remove("Referer");
        headers.Remove("Sec-Fetch-Site");

        // A service that serves its own machine only must know whom the gateway serves: that a request was passed on says that it comes from elsewhere.
        if (!Caller.IsThisMachine(context.HttpContext))
        {
            headers.Remove(ForwardedFor);
            headers.Add(ForwardedFor, Caller.AddressOf(context.HttpContext));
        }

        return ValueTask.CompletedTask;
    }
}
