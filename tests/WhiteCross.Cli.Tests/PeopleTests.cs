using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using WhiteCross.Testing;

namespace WhiteCross.Cli.Tests;

/// <summary><c>wc people</c>, and what operators see of providers, addresses and the past.</summary>
public sealed class PeopleTests(CliSystem system)
{
    [Fact]
    public async Task A_person_is_exported_held_and_erased()
    {
        var message = JobFiles.SendMessage();
        var person = message["data"]!["senderId"]!.GetValue<string>();
        await system.AddAndWaitAsync(message);
        var folder = Directory.CreateTempSubdirectory("whitecross-export-");
        try
        {
            var file = Path.Combine(folder.FullName, "person.jsonl");
            (await system.RunAsync("people", "export", person, "--reason", "letter", "--output", file)).Well();
            var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
            Assert.Contains(lines, line => line.Contains(JobFiles.Secret, StringComparison.Ordinal));
            Assert.Equal("end", JsonNode.Parse(lines[^1])!["kind"]!.GetValue<string>());
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }

            (await system.RunAsync("people", "export", person, "--reason", "letter", "--output", file)).Refused(ExitCodes.WrongInput, "cannot be written");
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        var hold = (await system.RunAsync("people", "hold", "--user", person, "--reason", "case 12")).Well().Output.Trim();
        Assert.Contains($"{hold}\tuser\t{person}\t", (await system.RunAsync("people", "holds")).Well().Output, StringComparison.Ordinal);
        await EndsAsync(await EraseAsync(person), "failed");
        (await system.RunAsync("people", "lift", hold, "--reason", "closed")).Refused(ExitCodes.WrongInput, "--yes");
        (await system.RunAsync("people", "lift", hold, "--reason", "closed", "--yes")).Well();

        var tried = (await system.RunAsync("people", "erase", person, "--reason", "letter", "--dry-run")).Well().Output.Trim();
        await EndsAsync(tried, "completed");
        await EndsAsync(await EraseAsync(person), "completed");
        (await system.RunAsync("people", "export", person, "--reason", "x", "--key", CliSystem.KeyOf("operator"))).Refused(ExitCodes.NotAllowed, "admin");
    }

    [Fact]
    public async Task An_export_that_breaks_off_is_not_taken_for_a_whole_one()
    {
        var port = FreePorts.Take();
        using var listener = new HttpListener { Prefixes = { $"http://localhost:{port}/" } };
        listener.Start();
        var run = system.RunAsync("people", "export", Guid.NewGuid().ToString(), "--reason", "letter", "--url", $"http://localhost:{port}");
        var context = await listener.GetContextAsync();
        context.Response.ContentType = "application/x-ndjson";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes("{\"kind\":\"message\"}\n{\"kind\":"), TestContext.Current.CancellationToken);
        context.Response.Close();

        (await run).Refused(ExitCodes.Unavailable, "broke off after 2 lines");
    }

    [Fact]
    public async Task Addresses_are_put_on_the_list_found_and_taken_off()
    {
        const string Address = "nobody-wants@mail.example";
        (await system.RunAsync("suppressions", "find", Address)).Refused(ExitCodes.NotFound, string.Empty);
        (await system.RunAsync("suppressions", "add", Address)).Well();

        var found = (await system.RunAsync("suppressions", "find", Address, "--json")).Well().Json;
        var id = found["id"]!.GetValue<string>();
        var list = (await system.RunAsync("suppressions", "--channel", "email")).Well().Output;
        Assert.Contains(id, list, StringComparison.Ordinal);
        Assert.DoesNotContain(Address, list, StringComparison.Ordinal);
        (await system.RunAsync("suppressions", "remove", id)).Refused(ExitCodes.WrongInput, "--yes");
        (await system.RunAsync("suppressions", "remove", id, "--yes")).Well();
        (await system.RunAsync("suppressions", "find", Address)).Refused(ExitCodes.NotFound, string.Empty);
    }

    [Fact]
    public async Task Providers_and_the_past_of_a_queue_are_shown()
    {
        Assert.NotNull((await system.RunAsync("providers", "--json")).Well().Json["providers"]);
        (await system.RunAsync("providers")).Well();
        Assert.Equal(168, (await system.RunAsync("trend", "message-delivery", "--span", "7d", "--json")).Well().Json["steps"]!.AsArray().Count);
        Assert.Equal(30, (await system.RunAsync("trend", "message-delivery")).Well().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        (await system.RunAsync("trend", "message-delivery", "--span", "2h")).Refused(ExitCodes.WrongInput, "7d");
    }

    private async Task<string> EraseAsync(string person) => (await system.RunAsync("people", "erase", person, "--reason", "letter", "--yes")).Well().Output.Trim();

    private Task EndsAsync(string jobId, string state) => Eventually.TrueAsync(
        async () => (await system.RunAsync("job", jobId, "--json")).Well().Json["state"]!.GetValue<string>() == state, TimeSpan.FromSeconds(60));
}
