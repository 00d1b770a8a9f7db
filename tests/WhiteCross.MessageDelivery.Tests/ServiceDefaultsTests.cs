using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;
using WhiteCross.Testing;

namespace WhiteCross.MessageDelivery.Tests;

public sealed class ServiceDefaultsTests(PostgresServer postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Database_goes_away__alive_but_not_ready(DatabaseKind kind)
    {
        var database = await TestDatabase.CreateAsync(kind, postgres, DeliveryService.Migrated);
        await using var service = await DeliveryService.StartAsync(database.ConnectionString);
        using (var ready = await service.Http.GetAsync("/readyz", Token))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            var health = await ready.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.Equal("healthy", health.GetProperty("checks").GetProperty("messages-database").GetString());
        }

        await database.DisposeAsync();

        using (var ready = await service.Http.GetAsync("/readyz", Token))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }

        Assert.Equal("""{"status":"healthy","checks":{}}""", await service.Http.GetStringAsync("/healthz", Token));
    }

    [Fact]
    public void Settings_are_read_once_and_no_folder_is_watched_for_them()
    {
        var builder = ServiceHost.CreateBuilder([]);

        var files = ((IConfigurationBuilder)builder.Configuration).Sources.OfType<JsonConfigurationSource>().ToList();
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.ReloadOnChange);
    }

    [Fact]
    public async Task What_another_app_of_the_process_is_asked_is_not_in_an_apps_metrics()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres, DeliveryService.Migrated);
        await using var service = await DeliveryService.StartAsync(database.ConnectionString);
        await using var other = await DeliveryService.StartAsync(database.ConnectionString);
        const string Asked = "http_route=\"/messages/{id}\"";
        await service.Http.GetStringAsync("/healthz", Token);
        using var answer = await other.Http.GetAsync($"/messages/{Guid.NewGuid()}?userId={Guid.NewGuid()}", Token);

        Assert.Contains(Asked, await other.Http.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
        Assert.DoesNotContain(Asked, await service.Http.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_app_of_a_process_that_exports_does_so_for_all_of_them()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres, DeliveryService.Migrated);
        await using var service = await DeliveryService.StartAsync(database.ConnectionString, arguments: $"--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{FreePorts.Take()}");
        await using var other = await DeliveryService.StartAsync(database.ConnectionString);
        using var answer = await other.Http.GetAsync($"/messages/{Guid.NewGuid()}?userId={Guid.NewGuid()}", Token);

        Assert.Contains("http_route=\"/messages/{id}\"", await service.Http.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_description_and_docs__are_served()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, postgres, DeliveryService.Migrated);
        await using var service = await DeliveryService.StartAsync(database.ConnectionString);
        await service.Http.GetStringAsync("/healthz", Token);

        Assert.Contains("http_server_request_duration", await service.Http.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
        var description = await service.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Token);
        Assert.Equal("White Cross message-delivery", description.GetProperty("info").GetProperty("title").GetString());
        Assert.Equal(
            [
                "/attachments", "/attachments/{id}", "/conversations", "/conversations/{id}", "/conversations/{id}/end", "/conversations/{id}/members",
                "/conversations/{id}/members/{memberId}", "/conversations/{id}/messages", "/messages/{id}", "/messages/{id}/content", "/users/{id}/export", "/users/{id}/messages", "/users/{id}/presence",
            ],
            description.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order());
        Assert.Equal(
            ["after", "cursor", "id", "limit", "unread", "userId"],
            description.GetProperty("paths").GetProperty("/users/{id}/messages").GetProperty("get").GetProperty("parameters").EnumerateArray()
                .Select(parameter => parameter.GetProperty("name").GetString()).Order());
        Assert.Contains("openapi/v1.json", await service.Http.GetStringAsync("/docs", Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Something_throws__problem_details_say_nothing_of_it(string environment)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, Args = ["--urls", "http://127.0.0.1:0"] });
        builder.AddServiceDefaults("test");
        await using var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGet("/boom", string () => throw new InvalidOperationException("patient-17")).ForAnybody();
        app.MapPost("/read", (Dictionary<string, int> body) => body.Count).ForAnybody();
        await app.StartAsync(Token);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var failed = await http.GetAsync("/boom", Token);
        using var malformed = await http.PostAsync("/read", new StringContent("{\"patient-17\": ", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")), Token);
        using var missing = await http.GetAsync("/nowhere", Token);

        foreach (var (response, expected) in new[]
        {
            (failed, HttpStatusCode.InternalServerError), (malformed, HttpStatusCode.BadRequest), (missing, HttpStatusCode.NotFound),
        })
        {
            Assert.Equal(expected, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var text = await response.Content.ReadAsStringAsync(Token);
            Assert.DoesNotContain("patient-17", text, StringComparison.Ordinal);
            Assert.DoesNotContain(" at ", text, StringComparison.Ordinal);
            Assert.NotEmpty(JsonDocument.Parse(text).RootElement.GetProperty("traceId").GetString()!);
        }
    }

    [Fact]
    public void Limits_and_shutdown__are_set()
    {
        var builder = WebApplication.CreateBuilder(["--Limits:MaxRequestBodyBytes=2048"]);
        builder.AddServiceDefaults("test");
        using var services = builder.Services.BuildServiceProvider();

        var server = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        Assert.Equal((2048, false), (server.Limits.MaxRequestBodySize, server.AddServerHeader));
        Assert.Equal(TimeSpan.FromSeconds(30), services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Theory]
    [InlineData("LOG_FORMAT", "xml")]
    [InlineData("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "zipkin:9411")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere")]
    [InlineData("Authentication:Authority", "http://identity.example")]
    [InlineData("Authentication:Authority", "https://identity.example", "Authentication:Audience")]
    [InlineData("Limits:MaxConnections", "0", "MaxConnections")]
    [InlineData("Live:PresenceLease", "00:00:01")]
    [InlineData("Live:Redis", "redis:6379,nonsense=secret")]
    [InlineData("Delivery:DeliveredOn", "7", "DeliveredOn")]
    [InlineData("Database:Provider", "oracle")]
    [InlineData("Database:Provider", "postgresql", "ConnectionStrings:Messages")]
    [InlineData("ConnectionStrings:Messages", "secret")]
    [InlineData("ConnectionStrings:Messages", "Password=secret")]
    public async Task Wrong_setting__stops_the_start_and_is_named(string setting, string value, string? named = null)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var app = MessageDeliveryApp.Create([$"--{setting}={value}", "--urls", "http://127.0.0.1:0"]);
            await app.StartAsync(Token);
        });

        Assert.Contains(named ?? setting, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Database=messages", null, true)]
    [InlineData("Server=db;Database=messages", null, true)]
    [InlineData("Data Source=messages.db", null, false)]
    [InlineData("Filename=messages.db", null, false)]
    [InlineData("Server=db", "postgresql", true)]
    [InlineData(null, null, false)]
    public void Database__is_told_from_its_connection_string(string? connectionString, string? provider, bool isPostgres)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new(MessageDatabase.ConnectionSetting, connectionString), new(ServiceDatabase.ProviderSetting, provider)]).Build();

        var database = ServiceDatabase.Read("Messages", configuration, "/app");

        Assert.Equal(isPostgres, database.IsPostgres);
        Assert.Equal(connectionString ?? $"Data Source={Path.Combine("/app", "data", "messages.db")}", database.ConnectionString);
    }

    [Fact]
    public async Task Default_address__gives_way_to_a_set_one()
    {
        await using var own = MessageDeliveryApp.Create([]);
        Assert.Equal("http://localhost:5081", own.Configuration["urls"]);

        await using var set = MessageDeliveryApp.Create(["--urls", "http://127.0.0.1:1234"]);
        Assert.Equal("http://127.0.0.1:1234", set.Configuration["urls"]);
    }
}
