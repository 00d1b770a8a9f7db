using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WhiteCross.Gateway.Tests;

/// <summary>What operators see and change of notifications: the notification service's answers, and who did what.</summary>
public sealed class NotificationOperationsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Suppressions_are_passed_on_and_their_changes_are_audited()
    {
        var id = Guid.NewGuid();
        await using var sidecar = await StartSidecarAsync(async context =>
        {
            context.Response.StatusCode = context.Request.Method switch { "DELETE" => 204, "POST" => 201, _ => 200 };
            if (context.Request.Method != "DELETE")
            {
                await context.Response.WriteAsJsonAsync(new { suppressions = Array.Empty<object>(), asked = context.Request.QueryString.Value });
            }
        });
        await using var gateway = await GatewayHost.StartAsync(settings: ("DAPR_HTTP_ENDPOINT", sidecar.Urls.Single()));

        var (status, list) = await gateway.GetAsync("/queue/message-notification/suppressions?channel=email&limit=10");
        Assert.Equal((HttpStatusCode.OK, "?channel=email&limit=10"), (status, list!["asked"]!.GetValue<string>()));
        using var added = await gateway.Client.PostAsJsonAsync("/queue/message-notification/suppressions?reason=asked", new { channel = "email", address = "a@example.org" }, Cancellation);
        using var removed = await gateway.Client.DeleteAsync($"/queue/message-notification/suppressions/{id}?reason=confirmed", Cancellation);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.NoContent), (added.StatusCode, removed.StatusCode));
        var (_, audit) = await gateway.GetAsync("/queue/audit");
        var entries = audit!["entries"]!.AsArray().Select(entry => (entry!["action"]!.GetValue<string>(), entry["target"]?.GetValue<string>(), entry["reason"]!.GetValue<string>()));
        Assert.Equal([("RemoveSuppression", $"{id}", "confirmed"), ("AddSuppression", null, "asked")], entries);
        Assert.DoesNotContain("a@example.org", audit.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_service_refuses_is_passed_on_and_not_audited()
    {
        await using var sidecar = await StartSidecarAsync(context =>
            TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["address"] = ["is required."] }).ExecuteAsync(context));
        await using var gateway = await GatewayHost.StartAsync(settings: ("DAPR_HTTP_ENDPOINT", sidecar.Urls.Single()));

        using var refused = await gateway.Client.PostAsJsonAsync("/queue/message-notification/suppressions", new { channel = "email" }, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("address", (await refused.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["errors"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty((await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray());
    }

    [Fact]
    public async Task What_the_service_refuses_crosses_the_sidecars_as_200_and_is_a_refusal_again()
    {
        await using var sidecar = await StartSidecarAsync(async context =>
        {
            context.Response.Headers["whitecross-status"] = "404";
            await context.Response.WriteAsJsonAsync(new { title = "No such entry on the list." }, options: null, "application/problem+json");
        });
        await using var gateway = await GatewayHost.StartAsync(settings: ("DAPR_HTTP_ENDPOINT", sidecar.Urls.Single()));

        using var found = await gateway.Client.PostAsJsonAsync("/queue/message-notification/suppressions/find", new { channel = "email", address = "a@example.org" }, Cancellation);
        using var removed = await gateway.Client.DeleteAsync($"/queue/message-notification/suppressions/{Guid.NewGuid()}", Cancellation);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (found.StatusCode, removed.StatusCode));
        Assert.Contains("No such entry", await found.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Empty((await gateway.GetAsync("/queue/audit")).Body!["entries"]!.AsArray());
    }

    [Fact]
    public async Task A_service_that_is_away_is_a_503_and_an_overview_without_providers()
    {
        await using var gateway = await GatewayHost.StartAsync(settings: ("DAPR_HTTP_ENDPOINT", "http://127.0.0.1:9"));

        var (status, _) = await gateway.GetAsync("/queue/message-notification/suppressions");
        var (overview, providers) = await gateway.GetAsync("/queue/message-notification/providers");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (status, overview));
        Assert.Empty(providers!["providers"]!.AsArray());
    }

    private static async Task<WebApplication> StartSidecarAsync(RequestDelegate service)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var sidecar = builder.Build();
        sidecar.Map("/v1.0/invoke/message-notification/method/internal/{**rest}", service);
        await sidecar.StartAsync(Cancellation);
        return sidecar;
    }
}
