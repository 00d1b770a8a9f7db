using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>Every endpoint of every service refuses, by its name, what it does not read: none is left out because somebody forgot it.</summary>
public sealed class StrictRequestsTests(EmbeddedSystem system) : IClassFixture<EmbeddedSystem>
{
    private const string Unknown = "noSuchName";

    // What may take any request: pages and descriptions, probes, what is passed on, web sockets, and links in mails, which mail programs call in their own ways
    // (RFC 8058) and to which trackers and scanners append what they like.
    private static readonly string[] Open = ["healthz", "readyz", "metrics", "openapi/", "docs", "hubs/", "notifications/unsubscribe/{token}/"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void What_takes_any_request__is_known_by_name()
    {
        var open = Endpoints().Where(endpoint => StrictRequests.ParametersOf(endpoint.Route) is null)
            .Where(endpoint => !Open.Any(known => Pattern(endpoint.Route).StartsWith(known, StringComparison.Ordinal)))
            .ToList();

        // Of the gateway, what it passes on to the services, which judge it, and the dashboard's pages.
        Assert.All(open, endpoint => Assert.Equal("queue-gateway", endpoint.AppId));
        Assert.All(open, endpoint => Assert.False(Pattern(endpoint.Route).StartsWith("queue/", StringComparison.Ordinal), Pattern(endpoint.Route)));
    }

    [Fact]
    public async Task Every_endpoint__refuses_parameters_that_it_does_not_read_and_empty_and_doubled_ones()
    {
        var judged = 0;
        foreach (var (appId, address, route) in Endpoints())
        {
            if (StrictRequests.ParametersOf(route) is not { } known)
            {
                continue;
            }

            foreach (var method in MethodsOf(route))
            {
                await RefusesAsync(appId, address, route, method, $"?{Unknown}=1", null, Unknown);
                foreach (var name in known)
                {
                    await RefusesAsync(appId, address, route, method, $"?{name}=", null, name);
                    await RefusesAsync(appId, address, route, method, $"?{name}=1&{name}=1", null, name);
                }

                judged++;
            }
        }

        Assert.True(judged > 60, $"Only {judged} were judged.");
    }

    [Fact]
    public async Task Every_endpoint__refuses_members_of_a_body_that_it_does_not_read()
    {
        var (judged, without) = (0, 0);
        foreach (var (appId, address, route) in Endpoints().Where(endpoint => StrictRequests.ParametersOf(endpoint.Route) is not null))
        {
            foreach (var method in MethodsOf(route).Where(method => method != HttpMethods.Get))
            {
                var accepts = route.Metadata.GetMetadata<IAcceptsMetadata>();
                if (accepts is null && route.Metadata.GetMetadata<ReadBody>() is null)
                {
                    await RefusesAsync(appId, address, route, method, string.Empty, $$"""{"{{Unknown}}":1}""", "$");
                    without++;
                }
                else if (!TakesOthersThings(route) && accepts?.RequestType?.IsArray is not true && !typeof(System.Collections.IEnumerable).IsAssignableFrom(accepts?.RequestType))
                {
                    await RefusesAsync(appId, address, route, method, string.Empty, $$"""{"{{Unknown}}":1}""", Unknown);
                    judged++;
                }
            }
        }

        Assert.True(judged >= 12 && without >= 20, $"Only {judged} with a body and {without} without were judged.");
    }

    // An envelope may hold things of its publisher's own (of its members and options JobEnvelopeReader judges), a CloudEvent what its publisher and the sidecar put
    // there, a provider's callback is in the provider's form and judged by its signature, and a file is what it is.
    private static bool TakesOthersThings(RouteEndpoint route) =>
        route.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes.Contains("application/cloudevents+json") is true
        || Door.Of(route)?.Kind == DoorKind.Proof
        || route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName is "AddJob" or "AddBatchWithUpload" or "UploadAttachment";

    private async Task RefusesAsync(string appId, Uri address, RouteEndpoint route, string method, string query, string? body, string field)
    {
        using var client = new HttpClient { BaseAddress = address };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(PathOf(route.RoutePattern) + query, UriKind.Relative));
        if (Door.Of(route)?.Kind == DoorKind.Sidecar)
        {
            request.Headers.Add("dapr-api-token", system.System.AppTokenOf(appId));
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await client.SendAsync(request, Cancellation);

        var what = $"{appId}: {method} {PathOf(route.RoutePattern)}{query} {body}: {(int)answer.StatusCode}";
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, what);
        var errors = (await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["errors"]?.AsObject();
        Assert.True(errors?.Any(error => error.Key.Equals(field, StringComparison.OrdinalIgnoreCase)) is true, $"{what} {errors}");
    }

    private static string Pattern(RouteEndpoint route) => route.RoutePattern.RawText!.TrimStart('/');

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint route) => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [HttpMethods.Get];

    private static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternParameterPart { Name: "queue" } => "message-delivery",
        RoutePatternParameterPart { Name: "block" } => "1",
        RoutePatternParameterPart => "0190a0b0-0000-7000-8000-00000000000a",
        _ => string.Empty,
    }))));

    private IEnumerable<(string AppId, Uri Address, RouteEndpoint Route)> Endpoints() =>
        from app in system.Services
        let address = new Uri(app.Value.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First())
        from endpoint in app.Value.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        select (app.Key, address, endpoint);
}
