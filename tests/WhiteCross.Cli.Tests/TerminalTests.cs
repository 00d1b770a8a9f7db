namespace WhiteCross.Cli.Tests;

/// <summary>What is different on a terminal, and the command line itself.</summary>
public sealed class TerminalTests(CliSystem system)
{
    private const string Colour = "\e[3";
    private const string Green = "\e[32m";

    [Fact]
    public async Task Colours_are_for_terminals_only_and_can_be_turned_off()
    {
        var id = await system.AddAndWaitAsync(JobFiles.SendMessage());

        Assert.Contains(Green, (await OnTerminal().RunAsync("job", id)).Well().Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Colour, (await OnTerminal().RunAsync("job", id, "--no-color")).Well().Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Colour, (await OnTerminal(("NO_COLOR", "1")).RunAsync("job", id)).Well().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[", (await system.RunAsync("job", id)).Well().Output, StringComparison.Ordinal);
        Assert.NotNull((await OnTerminal().RunAsync("job", id, "--json")).Well().Json);
    }

    [Fact]
    public async Task What_is_watched_is_drawn_again_in_its_place()
    {
        var ran = await OnTerminal().RunUntilAsync(text => JobTests.Occurrences(text, "message-cleanup") >= 3, "metrics", "--watch", "--every", "10ms");

        Assert.Equal(ExitCodes.Interrupted, ran.ExitCode);
        Assert.Matches("\e\\[\\d+A", ran.Output); // The cursor goes back up.
        Assert.EndsWith("\e[?25h", ran.Output.TrimEnd(), StringComparison.Ordinal); // And is there again in the end.
    }

    [Fact]
    public async Task A_batch_is_drawn_as_a_bar()
    {
        var jobId = await system.AddAndWaitAsync(JobFiles.Batch(12));

        var ran = (await OnTerminal().RunAsync("batch", jobId, "--watch")).Well();

        Assert.Contains(Green + new string('█', 60), ran.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("unheard-of")]
    [InlineData("job")]
    [InlineData("jobs", "message-delivery", "--limit", "0")]
    [InlineData("jobs", "message-delivery", "--page", "many")]
    [InlineData("metrics", "--every", "2")]
    public async Task A_wrong_command_line_is_2_and_points_to_the_help(params string[] args) => (await system.RunAsync(args)).Refused(ExitCodes.WrongInput, "--help.");

    [Fact]
    public async Task The_help_tells_the_exit_codes()
    {
        var ran = (await system.RunAsync("--help")).Well();

        Assert.Contains("130  interrupted", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(CliSystem.KeyOf("admin"), ran.Output, StringComparison.Ordinal);
    }

    private Tool OnTerminal(params (string Name, string Value)[] variables)
    {
        var tool = new Tool { IsOutputTerminal = true };
        foreach (var (name, value) in variables.Concat(system.Tool().Variables.Select(variable => (variable.Key, variable.Value))))
        {
            tool.Variables[name] = value;
        }

        return tool;
    }
}
