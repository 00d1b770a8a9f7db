using System.Text.Json.Nodes;
using WhiteCross.Testing;

namespace WhiteCross.Cli.Tests;

/// <summary><c>wc edit</c> and <c>wc groups edit</c>: failed jobs are retried with other data, tried before.</summary>
public sealed class EditTests(CliSystem system)
{
    private const string Queue = "message-encryption";

    [Fact]
    public async Task A_failed_job_is_tried_and_retried_with_a_field_changed()
    {
        var id = await system.AddAndWaitAsync(JobFiles.Failing());

        var wrong = await system.RunAsync("edit", id, "--set", "operation=burn", "--reason", "typed wrong", "--dry-run");
        wrong.Refused(ExitCodes.WrongInput, "operation ");
        Assert.Contains($"{id} would fail again; nothing was changed.", wrong.Output, StringComparison.Ordinal);
        (await system.RunAsync("edit", id, "--set", "operation=burn", "--reason", "typed wrong")).Refused(ExitCodes.WrongInput, "operation");

        var tried = (await system.RunAsync("edit", id, "--set", "operation=encrypt", "--reason", "typed wrong", "--dry-run")).Well().Output.Split('\n');
        Assert.Equal(["operation\tdecrypt\tencrypt", $"{id} would be valid; nothing was changed."], tried[..2]);
        Assert.Equal("failed", (await system.RunAsync("job", id, "--json")).Well().Json["state"]!.GetValue<string>());

        Assert.EndsWith($"{id} waits again with it.\n", (await system.RunAsync("edit", id, "--set", "operation=encrypt", "--reason", "typed wrong", "--queue", Queue)).Well().Output, StringComparison.Ordinal);
        await IsAsync(id, "completed");
        (await system.RunAsync("edit", id, "--remove", "keyId", "--reason", "x")).Refused(ExitCodes.WrongInput, "Wrong state");
    }

    [Fact]
    public async Task All_of_its_data_comes_from_a_file_or_the_input()
    {
        var id = await system.AddAndWaitAsync(JobFiles.Failing());
        var data = JobFiles.Failing()["data"]!.AsObject();
        data["operation"] = "encrypt";
        var tool = new Tool { Input = data.ToJsonString(), Variables = { ["WC_URL"] = system.Address.ToString(), ["WC_API_KEY"] = CliSystem.KeyOf("operator") } };

        var answer = (await tool.RunAsync("edit", id, "--data", "-", "--reason", "all new", "--json")).Well().Json;

        Assert.True(answer["isApplied"]!.GetValue<bool>());
        Assert.Contains(answer["changes"]!.AsArray(), change => change!["field"]!.GetValue<string>() == "messageId");
        await IsAsync(id, "completed");
    }

    [Fact]
    public async Task A_group_is_tried_as_it_is_and_changed_as_a_whole()
    {
        string[] ids = [await system.AddAndWaitAsync(JobFiles.Failing()), await system.AddAndWaitAsync(JobFiles.Failing())];
        var cause = (await system.RunAsync("groups", Queue, "--json")).Well().Json["groups"]!.AsArray()
            .First(group => group!["message"]!.GetValue<string>().Contains("is not what an encryption returned", StringComparison.Ordinal))!["cause"]!.GetValue<string>();

        // As they are, they are valid: what is wrong only the handler finds.
        var now = (await system.RunAsync("groups", "edit", cause, "--dry-run", "--json")).Well().Json;
        Assert.Equal((0, 0), (now["invalid"]!.GetValue<int>(), now["applied"]!.GetValue<int>()));
        var worse = (await system.RunAsync("groups", "edit", cause, "--set", "operation=burn", "--dry-run")).Well().Output;
        Assert.Contains("0 would be valid", worse, StringComparison.Ordinal);
        Assert.Contains("\tdata.operation\t", worse, StringComparison.Ordinal);
        (await system.RunAsync("groups", "edit", cause, "--set", "operation=encrypt")).Refused(ExitCodes.WrongInput, "--reason");
        (await system.RunAsync("groups", "edit", cause, "--set", "operation=encrypt", "--reason", "typed wrong")).Refused(ExitCodes.WrongInput, "--yes");

        (await system.RunAsync("groups", "mute", cause, "--hours", "2", "--reason", "known")).Well();
        Assert.Contains("[muted]", (await system.RunAsync("groups", Queue)).Well().Output, StringComparison.Ordinal);
        (await system.RunAsync("groups", "unmute", cause)).Well();

        var done = (await system.RunAsync("groups", "edit", cause, "--set", "operation=encrypt", "--reason", "typed wrong", "--yes")).Well().Output;
        Assert.Contains("wait again with the change; 0 would not be valid and stay failed.", done, StringComparison.Ordinal);
        foreach (var id in ids)
        {
            await IsAsync(id, "completed");
        }
    }

    [Theory]
    [InlineData("Say what to change", "edit", "x", "--reason", "y")]
    [InlineData("--reason", "edit", "x", "--set", "a=1")]
    [InlineData("must be field=value", "edit", "x", "--set", "a", "--reason", "y")]
    [InlineData("--data is all of it", "edit", "x", "--set", "a=1", "--data", "-", "--reason", "y")]
    [InlineData("Say what to change", "groups", "edit", "x", "--reason", "y")]
    public async Task What_is_missing_is_named(string saying, params string[] args) => (await system.RunAsync(args)).Refused(ExitCodes.WrongInput, saying);

    private Task IsAsync(string id, string state) => Eventually.TrueAsync(
        async () => (await system.RunAsync("job", id, "--json")).Well().Json["state"]!.GetValue<string>() == state, TimeSpan.FromSeconds(60));
}
