package main

type kbCmd struct{}

func (kbCmd) Run() error { return nil }
