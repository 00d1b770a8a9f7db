using System.Net;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.Access.Tests;

/// <summary>Every endpoint of every service, asked by everybody, in every setup: made from the routes, so that a new endpoint is in it.</summary>
public sealed class MatrixTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Setups.All];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Everybody_gets_what_they_may_and_nothing_else(string setup)
    {
        await using var issuer = await Issuer.StartAsync();
        await using var system = await GuardedSystem.StartAsync(Setups.SettingsOf(setup, issuer));
        var callers = Setups.Callers(issuer);
        var wrong = new List<string>();
        foreach (var appId in system.AppIds)
        {
            // Whoever shows no good signature is refused by the endpoint itself; and whoever signs out, so that the browser forgets the key.
            foreach (var endpoint in system.EndpointsOf(appId).Where(endpoint => Door.Of(endpoint)!.Kind != DoorKind.Proof && endpoint.RoutePattern.RawText != "/dashboard/sign-out"))
            {
                foreach (var caller in callers)
                {
                    var expected = Expected(endpoint, setup, caller);
                    var status = await AskAsync(system, appId, endpoint, caller);

                    // What is another user's may also not be there.
                    var isRefused = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden || (status == HttpStatusCode.NotFound && caller.User == Setups.UserB && IsOfUserA(endpoint));
                    if (expected == isRefused || status is HttpStatusCode.InternalServerError)
                    {
                        wrong.Add($"{appId} {MethodOf(endpoint)} {endpoint.RoutePattern.RawText} as {caller}: {(int)status}, expected to be {(expected ? "let in" : "refused")}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong:\n{string.Join('\n', wrong.Take(50))}");
    }

    [Fact]
    public async Task Every_endpoint_of_every_service_has_a_door()
    {
        await using var system = await GuardedSystem.StartAsync();

        var endpoints = system.AppIds.SelectMany(appId => system.EndpointsOf(appId).Select(endpoint => (appId, endpoint))).ToList();
        var without = endpoints
            .Where(item => item.endpoint.Metadata.Count(found => found is Door or SidecarEndpoint) != 1
                || (item.endpoint.Metadata.GetMetadata<IAuthorizeData>() is null && item.endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null && !Elsewhere(item.endpoint)))
            .Select(item => $"{item.appId} {MethodOf(item.endpoint)} {item.endpoint.RoutePattern.RawText}");

        Assert.Equal(7, system.AppIds.Count());
        Assert.True(endpoints.Count > 100, $"Only {endpoints.Count} endpoints were found.");
        Assert.Empty(without);
    }

    private static bool Elsewhere(RouteEndpoint endpoint) => Door.Of(endpoint) is { IsElsewhere: true };

    private static bool Expected(RouteEndpoint endpoint, string setup, CallerOfTest caller)
    {
        var door = Door.Of(endpoint)!;
        var isLocal = caller.Address is null;
        return door.Kind switch
        {
            DoorKind.Anybody => true,
            DoorKind.Readers => isLocal || Setups.HasKeys(setup) || Setups.HasUsers(setup),
            DoorKind.Sidecar => Setups.HasTokens(setup) ? caller.HasSidecarToken : isLocal,
            DoorKind.Users => Setups.HasUsers(setup) ? caller.User is { } user && (user == Setups.UserA || !IsOfUserA(endpoint)) : isLocal,
            _ => Setups.HasKeys(setup) ? caller.Role is { } role && IsFor(endpoint, door, role) : isLocal,
        };
    }

    private static bool IsFor(RouteEndpoint endpoint, Door door, string role) =>
        AccessRoles.AtLeast(door.Role!).Contains(role)
        || (role == AccessRoles.Metrics && endpoint.Metadata.GetMetadata<MetricsKeysToo>() is not null)
        || (role == AccessRoles.Publisher && endpoint.Metadata.GetMetadata<PublishersToo>() is not null && IsOfItsQueue(endpoint));

    // The routes below are asked for one user, and for one queue.
    private static bool IsOfUserA(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("users/", StringComparison.Ordinal);

    private static bool IsOfItsQueue(RouteEndpoint endpoint) => endpoint.RoutePattern.GetParameter("queue") is not null;

    internal static string MethodOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is [{ } method, ..] ? method : "GET";

    private static async Task<HttpStatusCode> AskAsync(GuardedSystem system, string appId, RouteEndpoint endpoint, CallerOfTest caller)
    {
        var query = Door.Of(endpoint)!.Kind == DoorKind.Users ? $"?userId={Setups.UserA}" : string.Empty;
        using var request = new HttpRequestMessage(new HttpMethod(MethodOf(endpoint)), new Uri(system.AddressOf(appId), PathOf(endpoint.RoutePattern) + query));
        if (request.Method != HttpMethod.Get)
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        caller.Prepare(request, system.System.AppTokenOf(appId));
        using var answer = await system.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return answer.StatusCode;
    }

    internal static string PathOf(RoutePattern pattern) =>
        "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart { Name: "queue" } => "message-delivery",
            RoutePatternParameterPart { Name: "block" } => "0",
            RoutePatternParameterPart { Name: "channel" } => "email",
            RoutePatternParameterPart { Name: "rest" } => pattern.RawText!.StartsWith("/messages/", StringComparison.Ordinal) || pattern.RawText.StartsWith("/notifications/", StringComparison.Ordinal) || pattern.RawText.Contains("attachments", StringComparison.Ordinal) ? Setups.UserA.ToString() : string.Empty,
            RoutePatternParameterPart { Name: "documentName" } => "v1",
            _ => Setups.UserA.ToString(),
        }))));
}
